"""The console as an ASGI application: sign-in pages, the gate, and Streamlit behind it."""

import streamlit as st
from starlette.middleware import Middleware

from dashboard import data, settings
from dashboard.door import signin
from dashboard.door.gate import Gate
from dashboard.files import HERE
from dashboard.reading import exports

app = st.App(
    HERE / "console.py",
    routes=[*signin.ROUTES, *exports.ROUTES],
    middleware=[Middleware(Gate, secret=settings.secret, is_open=data.is_open)],
)
