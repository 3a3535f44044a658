"""
The dense leg's parts: text in, unit vectors out, kept, and searched exactly.

- `encoder`: `load_encoder` gives the `Encoder` that the settings name;
- `model_files`: which directory holds the model, and its fingerprint;
- `export_cache`, `export`, `attention`: sentence-transformers as a compiler, run once per model, its output kept;
- `onnx`, `pieces`: the encoder at work, without torch; `torch_encoder`: the same where export is impossible;
- `bulk`: many texts at once; `sketches`: what a sentence is about, without encoding it;
- `flat`: exact search; `compressed`: candidates for it; `scan`: FAISS; `journal`: vectors of an unfinished build.
"""
