"""
What setup.cfg cannot say: inner loops are compiled where there is a C compiler. Where there is none, or Python's
headers are missing, the package is installed without them and gives the same answers by Python, numpy and FAISS.
"""

from setuptools import Extension, setup

setup(
    ext_modules=[
        Extension(
            f"searcher.{room}.{name}",
            [f"searcher/{room.replace('.', '/')}/{name}.c"],
            depends=["searcher/index/lexical/_parts.h", "searcher/index/lexical/_postings.h"],
            # No multiplication and addition as one: both ways of computing give the same to the last bit.
            extra_compile_args=["-O3", "-ffp-contract=off"],
            optional=True,
        )
        for room, name in (
            ("chunking", "_sentences"),
            ("index.dense", "_scan"),
            ("index.lexical", "_best"),
            ("index.lexical", "_loops"),
            ("index.lexical", "_matching"),
            ("index.lexical", "_spelling"),
            ("index.lexical", "_words"),
        )
    ]
)
