import pandas as pd

from textbooks.filters import EduValueFilter

frame = pd.read_json("corpus.jsonl", lines=True)
frame["score"] = EduValueFilter().score(frame["text"].tolist())
print(frame[["id", "score"]].round(2))
