"""
The library over HTTP, from one process on one machine: pages for people, `/api/v1` for programs.

- `app`: which parts there are; `serving`: questions in threads, within limits; `generations`: which generation answers;
- `api`: the routes of REST; `schemas`: what they give; `cursors`, `feeds`, `metrics`, `problems`: parts of answers;
- `contract`: the OpenAPI document; `params`: what may be asked by URL; `indexing`: what was put is indexed;
- `guard`: who may ask, how often, how much; `connection`: who keeps a place without asking; `tokens`: the secrets;
- `running`: the process; `assets`: files that never change;
- `pages`: the routes of HTML, `templates/`, `static/`.

The web framework is imported in this room only, and this room only by `searcher serve`.
"""
