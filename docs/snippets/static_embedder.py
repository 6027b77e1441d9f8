from textbooks.embedders import StaticEmbedder

texts = {
    "add up": "def total(values):\n    s = 0\n    for v in values:\n        s += v\n    return s\n",
    "the same, renamed": "def f(xs):\n    acc = 0\n    for x in xs:\n        acc += x\n    return acc\n",
    "multiply": "def product(values):\n    p = 1\n    for v in values:\n        p *= v\n    return p\n",
    "send mail": "def send(body):\n    with smtplib.SMTP(HOST) as server:\n        server.sendmail(ME, YOU, body)\n",
}
vectors = StaticEmbedder().embed(list(texts.values()))
print(vectors.shape, vectors.dtype)
for name, cosine in zip(texts, vectors @ vectors[0], strict=True):
    print(f"{cosine:5.2f}  {name}")
