from textbooks.filters import SecretsFilter, SecretsRedactor

token = "gh" + "p_" + "x7Kq2mVb9LwRt4Zc" * 2 + "8dNs"  # made up, and put together here
texts = [
    f'TOKEN = "{token}"\n',
    'password = "hunter2!"\n',
    'api_key = "your-api-key-here"\n',
    f'sha256 = "{"0a1b2c3d" * 8}"\n',
]
for text, verdict in SecretsFilter().apply(texts):
    print(verdict.status, verdict.reason or "-", dict(verdict.evidence), text.split()[0])
print(SecretsRedactor().redact(f'first = "{token}"\nagain = "{token}"\npassword = "hunter2!"\n'), end="")
