import pygit2

from textbooks.readers import read_texts

repository = pygit2.init_repository("shapes", bare=True)
who = pygit2.Signature("Ada", "ada@example.org", 1_700_000_000, 0)
for parents, code in (([], b"side = 2\n"), (["HEAD"], b"side = 2\narea = side * side\n")):
    tree = repository.TreeBuilder()
    tree.insert("square.py", repository.create_blob(code), pygit2.enums.FileMode.BLOB)
    parents = [repository.head.target for _ in parents]
    repository.create_commit("HEAD", who, who, "Square a number", tree.write(), parents)
print(read_texts(["commits:shapes"]).documents[0].text)
