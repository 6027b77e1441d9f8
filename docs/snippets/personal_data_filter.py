from textbooks.filters import PersonalDataFilter

addresses = "".join(f"MEMBERS.append('member{n}@club.org')\n" for n in range(30))
verdict = PersonalDataFilter().judge(addresses)
print(verdict.status, verdict.reason, verdict.score, verdict.evidence["kinds"])
