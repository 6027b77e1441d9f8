"""Names that the language, its standard library and common packages give.

Frozen here instead of read from ``sys`` and ``builtins``: scores must not depend on the interpreter's version.
"""

from __future__ import annotations

BUILTIN_NAMES = frozenset(
    """
    ArithmeticError AssertionError AttributeError BaseException BaseExceptionGroup BlockingIOError BrokenPipeError
    BufferError BytesWarning ChildProcessError ConnectionAbortedError ConnectionError ConnectionRefusedError
    ConnectionResetError DeprecationWarning EOFError Ellipsis EncodingWarning EnvironmentError Exception
    ExceptionGroup False FileExistsError FileNotFoundError FloatingPointError FutureWarning GeneratorExit IOError
    ImportError ImportWarning IndentationError IndexError InterruptedError IsADirectoryError KeyError
    KeyboardInterrupt LookupError MemoryError ModuleNotFoundError NameError None NotADirectoryError NotImplemented
    NotImplementedError OSError OverflowError PendingDeprecationWarning PermissionError ProcessLookupError
    PythonFinalizationError RecursionError ReferenceError ResourceWarning RuntimeError RuntimeWarning
    StopAsyncIteration StopIteration SyntaxError SyntaxWarning SystemError SystemExit TabError TimeoutError True
    TypeError UnboundLocalError UnicodeDecodeError UnicodeEncodeError UnicodeError UnicodeTranslateError
    UnicodeWarning UserWarning ValueError Warning ZeroDivisionError __doc__ __file__ __name__ abs aiter all anext
    any ascii basestring bin bool breakpoint bytearray bytes callable chr classmethod cls compile complex copyright
    credits delattr dict dir divmod enumerate eval exec exit filter float format frozenset getattr globals hasattr
    hash help hex id input int isinstance issubclass iter len license list locals long map max memoryview min next
    object oct open ord pow print property quit range raw_input reduce repr reversed round self set setattr slice
    sorted staticmethod str sum super tuple type unichr unicode vars xrange zip
    """.split()
)
"""Built-in functions, types, constants and exceptions of Python 3, the few of Python 2 that readers meet, self, cls."""

STANDARD_LIBRARY_MODULES = frozenset(
    """
    ConfigParser HTMLParser Queue StringIO Tkinter __builtin__ __future__ abc aifc annotationlib antigravity
    argparse array ast asynchat asyncio asyncore atexit audioop base64 bdb binascii binhex bisect builtins bz2
    cPickle cProfile cStringIO calendar cgi cgitb chunk cmath cmd code codecs codeop collections colorsys commands
    compileall compression concurrent configparser contextlib contextvars copy copyreg crypt csv ctypes curses
    dataclasses datetime dbm decimal difflib dis distutils doctest email encodings ensurepip enum errno faulthandler
    fcntl filecmp fileinput fnmatch formatter fractions ftplib functools gc genericpath getopt getpass gettext glob
    graphlib grp gzip hashlib heapq hmac html http httplib idlelib imaplib imghdr imp importlib inspect io ipaddress
    itertools json keyword lib2to3 linecache locale logging lzma mailbox mailcap marshal math mimetypes mmap
    modulefinder msilib msvcrt multiprocessing netrc nis nntplib nt ntpath nturl2path numbers opcode operator
    optparse os ossaudiodev parser pathlib pdb pickle pickletools pipes pkgutil platform plistlib poplib posix
    posixpath pprint profile pstats pty pwd py_compile pyclbr pydoc pydoc_data pyexpat queue quopri random re
    readline reprlib resource rlcompleter runpy sched secrets select selectors shelve shlex shutil signal site smtpd
    smtplib sndhdr socket socketserver spwd sqlite3 sre_compile sre_constants sre_parse ssl stat statistics string
    stringprep struct subprocess sunau symbol symtable sys sysconfig syslog tabnanny tarfile telnetlib tempfile
    termios textwrap this thread threading time timeit tkMessageBox tkinter token tokenize tomllib trace traceback
    tracemalloc tty turtle turtledemo types typing unicodedata unittest urllib urllib2 urlparse uu uuid venv
    warnings wave weakref webbrowser winreg winsound wsgiref xdrlib xml xmlrpc zipapp zipfile zipimport zlib
    zoneinfo
    """.split()
)
"""Top-level modules of the standard library, Python 2.7 to 3.14."""

COMMON_LIBRARY_MODULES = frozenset(
    "numpy pandas matplotlib scipy sklearn seaborn requests bs4 pytest torch tensorflow keras sympy networkx nltk "
    "cv2 PIL pygame six tqdm yaml attr click rich".split()
)
"""Widely taught third-party packages: a file that needs one of them is still understood alone."""

WEB_FRAMEWORK_MODULES = frozenset(
    "django flask rest_framework sqlalchemy fastapi pydantic celery tornado aiohttp boto3 botocore google grpc kivy "
    "flask_sqlalchemy wtforms flask_wtf starlette alembic odoo openerp marshmallow scrapy selenium airflow".split()
)
"""Frameworks whose files are mostly declarations, settings and plumbing."""
