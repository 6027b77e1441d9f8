DEBUG = True
HOST = "localhost"
PORT = 8080
DATABASE = {"name": "app", "user": "app", "timeout": 30}
INSTALLED = ["accounts", "billing", "reports"]
