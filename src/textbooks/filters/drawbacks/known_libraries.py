"""Import names of public libraries: what is neither the standard library nor the author's own project."""

from __future__ import annotations

from textbooks.scoring.known_names import (
    COMMON_LIBRARY_MODULES,
    STANDARD_LIBRARY_MODULES,
    WEB_FRAMEWORK_MODULES,
)

__all__ = ["COMMON", "KINDS", "LIBRARY", "PROJECT", "STANDARD", "module_kind"]

STANDARD, COMMON, LIBRARY, PROJECT = KINDS = ("standard", "common", "library", "project")
"""Where a module comes from: the standard library; a very common library, which readers are expected to know; another
public library; the text's own project, or nowhere that we know."""

LIBRARY_MODULES = WEB_FRAMEWORK_MODULES | frozenset(
    """
    Crypto Cython Levenshtein MySQLdb OpenGL OpenSSL PyQt4 PyQt5 PyQt6 PySide2 PySide6 absl accelerate adafruit
    aiofiles aiogram alpaca_trade_api altair anthropic anyio apscheduler arcade arrow asgiref astropy asyncpg attrs
    autograd av azure babel beautifulsoup bokeh boto bottle brotli bson cachetools cairo cattrs cchardet certifi
    cffi chainer chardet cherrypy chess clickhouse_driver cloudpickle colorama coloredlogs configobj consul
    coverage cryptography cupy cvxpy cycler cython dash dask databases dataclasses_json datasets dateparser dateutil
    ddt deap deepspeed deprecated diffusers discord distributed docker docopt docutils docx dominate dotenv dropbox
    easydict ebooklib einops elasticsearch emoji ephem eventlet evaluate exifread execnet fabric facenet_pytorch faiss
    faker falcon fastai feedparser ffmpeg filelock fire fitz flake8 flask_bcrypt flask_cors flask_login flask_mail
    flask_migrate flask_restful flask_script flasgger folium fsspec fuzzywuzzy gensim geopandas geopy gevent git gi
    github gitlab gluoncv gmpy2 graphene graphviz greenlet gspread gunicorn gym gymnasium h5py haystack hdbscan
    httplib2 httpx huggingface_hub humanize hvac hydra hypothesis idna ijson imageio imblearn imgaug imutils inflect
    influxdb invoke ipykernel ipywidgets IPython jax jieba jinja2 jmespath joblib json5 jsonschema jupyter jwt kafka
    kerastuner kombu kornia kubernetes langchain langdetect ldap3 librosa lightgbm lightning lime loguru lxml mako
    markdown markupsafe mechanize mistune mlflow mmcv mmengine mock mongoengine more_itertools moviepy mpl_toolkits
    mpmath msgpack multidict mutagen mxnet mypy mysql nacl netCDF4 netaddr netifaces nibabel nose nox numba numexpr
    oauth2client oauthlib objgraph omegaconf onnx onnxruntime openai openpyxl opencv optax optuna orjson packaging
    paddle paho paramiko parso passlib patsy pathspec peewee pendulum peft pexpect phonenumbers pika pip pkg_resources
    playwright plotly pluggy ply polars praw prettytable progressbar prometheus_client psutil psycopg2 pulp py pyarrow
    pyaudio pyautogui pycodestyle pycparser pycuda pydub pydot pyflakes pyglet pygments pykalman pylab pylint pymc3
    pymongo pymysql pynput pyopencl pyparsing pyperclip pyproj pyspark pyspider pystray pyttsx3 pytorch_lightning pytz
    pywt qrcode rdflib redis regex reportlab requests_html requests_oauthlib rpyc rsa ruamel s3fs sanic
    schedule selenium sentence_transformers sentencepiece sentry_sdk serial setuptools shap shapely simplejson skimage
    sklearn_crfsuite skopt slack slugify smbus snowballstemmer sortedcontainers soundfile spacy speech_recognition
    sphinx sqlmodel stable_baselines3 statsmodels streamlit stripe structlog sympify tabulate telebot telegram tenacity
    tensorboard tensorboardX tensorflow_datasets tensorflow_hub tensorflow_probability termcolor textblob theano thrift
    tiktoken timm tinydb tldextract tokenizers toml tomli toolz torchaudio torchtext torchvision tox trafilatura
    traitlets transformers trio tweepy twilio twisted typeguard typer typing_extensions tzlocal ujson umap unidecode
    urllib3 uvicorn uvloop vispy wandb watchdog webob websocket websockets werkzeug whoosh win32api win32com win32con
    wordcloud wx xgboost xlrd xlsxwriter xlwt xmltodict yaml yarl yfinance zeep zmq zope
    """.split()
)
"""Public packages that many projects import, besides the very common ones. Ours, from general knowledge."""


def module_kind(module: str) -> str:
    """Return where a module comes from, one of `KINDS`; a relative name (``.models``) is the project's."""
    root = module.split(".", 1)[0]
    if root in STANDARD_LIBRARY_MODULES:
        return STANDARD
    if root in COMMON_LIBRARY_MODULES:
        return COMMON
    return LIBRARY if root in LIBRARY_MODULES else PROJECT
