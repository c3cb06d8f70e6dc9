"""How people reach Wuxue: chat, files and the command line."""

import os

# python-telegram-bot gives spans of time as timedelta once asked to, and warns until then.
os.environ.setdefault("PTB_TIMEDELTA", "1")
