from textbooks.filters import PersonalDataRedactor

text = """# by Ada Lovelace <ada@lovelace.org>, ada@lovelace.org
HOSTS = ["93.184.216.34", "127.0.0.1", "2a00:1450:4001:81b::200e"]
VERSION, SERVER = "10.2.0.4", "git@github.com:ada/engine.git"
y = weights@x.T
"""
print(PersonalDataRedactor().redact(text), end="")
