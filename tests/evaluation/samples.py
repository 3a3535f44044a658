"""A small judged collection, in BEIR's layout."""

import json

ARTICLES = (
    ("port", "Dockers vote to strike", "Dockers at Port Ellery voted to strike on Friday over cranes."),
    ("copy", "Port strike begins", "Dockers at Port Ellery voted to strike on Friday over cranes."),
    ("deal", "Strike ends", "The dockers of Port Ellery ended their strike after a deal on cranes."),
    ("dam", "Dam inquiry", "The inquiry into the Tarn Mallow dam found six years of warnings."),
    ("birds", "Blackbirds and lamps", "City blackbirds rise with the street lamps."),
)
QUERIES = (
    {"id": "q1", "text": '-strike "of dockers" at the port'},
    {"id": "q2", "text": "dam warnings"},
    {"id": "q3", "text": "nothing was judged for this one"},
    {"id": "q4", "text": "Dockers vote to strike", "like": "port"},
    {"id": "q5", "text": "an article that is not there", "like": "lost"},
)
QRELS = (
    ("q1", "port", 1),
    ("q1", "copy", 1),
    ("q1", "deal", 2),
    ("q2", "dam", 1),
    ("q2", "lost", 1),
    ("q4", "deal", 1),
    ("q4", "port", 1),
    ("q5", "deal", 1),
    ("q9", "dam", 1),
)


def write_collection(directory, *, articles=ARTICLES, queries=QUERIES, qrels=QRELS):
    """Write a collection, and give its directory."""
    directory.mkdir(parents=True, exist_ok=True)
    corpus = [{"id": one, "title": title, "text": text} for one, title, text in articles]
    (directory / "corpus.jsonl").write_text("".join(json.dumps(one) + "\n" for one in corpus))
    (directory / "queries.jsonl").write_text("".join(json.dumps(one) + "\n" for one in queries))
    lines = ["query-id\tcorpus-id\tscore", *("\t".join(map(str, one)) for one in qrels)]
    (directory / "qrels.tsv").write_text("\n".join(lines) + "\n")
    return directory
