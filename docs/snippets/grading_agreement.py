from textbooks.evaluation import Grade, agreement_with_tests, mean_grade

grades = [Grade("exam/1", 10.0), Grade("exam/2", 5.0), Grade("exam/3", 9.0), Grade("exam/4", None)]
passed = [True, False, False, True]
print(mean_grade(grades))
agreement = agreement_with_tests(grades, passed, threshold=7)
print(f"{agreement.graded} graded, accuracy {agreement.accuracy:.2f}, AUC {agreement.auc:.2f}")
