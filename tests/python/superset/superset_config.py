"""Settings of the Superset under test: all that it keeps lies in one folder, and nothing is kept between two questions."""

import os

SECRET_KEY = os.environ["SUPERSET_SECRET_KEY"]
SQLALCHEMY_DATABASE_URI = f"sqlite:///{os.environ['SUPERSET_HOME']}/superset.db"
# SQLite lets one thread write, and Superset notes each request: the others wait.
SQLALCHEMY_ENGINE_OPTIONS = {"connect_args": {"timeout": 120}}
CACHE_CONFIG = DATA_CACHE_CONFIG = {"CACHE_TYPE": "NullCache"}  # Superset's own defaults: each chart asks the file
SQLLAB_TIMEOUT = 600  # seconds
# For browsers: the test is none, and has a token of its own.
WTF_CSRF_ENABLED = False
TALISMAN_ENABLED = False
