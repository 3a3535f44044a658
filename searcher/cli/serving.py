"""Pages and programs: `serve`."""

from __future__ import annotations

from typing import Annotated

import typer

from searcher.cli.opening import open_here
from searcher.cli.options import ModelOption


def serve(
    context: typer.Context,
    host: Annotated[
        str,
        typer.Option("--host", metavar="ADDRESS", help="Where to listen: 0.0.0.0 lets others in."),
    ] = "127.0.0.1",
    port: Annotated[
        int, typer.Option("--port", "-p", metavar="N", min=0, max=65535, help="0 takes a free one.")
    ] = 8321,
    model: ModelOption = None,
) -> None:
    """
    Answer in the browser, and programs by REST.

    Pages at /, the API at /api/v1 (its description: /api/v1/openapi.json). Reading is open to all who can reach the
    address, unless searcher.toml says [web] closed = true; writing needs the token in write.token, which is made at the
    first start. What other processes add and index is picked up within seconds. Ctrl-C finishes what is being answered.

    \b
    Examples:
      searcher serve
      searcher serve --port 9000
      searcher --home ~/news serve --host 0.0.0.0
    """
    from searcher.errors import SearcherError

    try:
        from searcher.web.running import run
    except ImportError as error:
        raise SearcherError(
            f"The web needs '{error.name}', which is not installed. Run: pip install 'searcher[web]'"
        ) from error
    run(open_here(context, model=model), host=host, port=port, say=typer.echo)
