"""
The library over HTTP, from one machine: pages for people, `/api/v1` for programs.

- `app`: which parts there are; `serving`: questions within limits; `generations`: which generation answers;
- `questions`: what can be asked; `answerers`, `answerer`: the processes that answer, from without and from within;
- `api`: the routes of REST; `schemas`: what they give; `answers`, `showing`: how it is made; `cursors`, `feeds`,
  `metrics`, `problems`: parts of answers;
- `contract`: the OpenAPI document; `params`: what may be asked by URL, `headers`: by headers; `indexing`: what was put
  is indexed;
- `guard`: who may ask, how often, how much; `connection`: who keeps a place without asking; `tokens`: the secrets;
- `running`: the process that listens; `checkup`: how the library is; `assets`: files that never change;
- `pages`: the routes of HTML; `composing`, `show_…`: what stands on them; `rendering`, `templates/`, `static/`.

The web framework is imported in this room only, and this room only by `searcher serve`. The processes that answer do
without it.
"""
