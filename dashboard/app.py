"""The console as an ASGI application: sign-in pages, the gate, and Streamlit behind it."""

import streamlit as st
from starlette.middleware import Middleware

from dashboard import data, exports, settings, signin
from dashboard.files import HERE
from dashboard.gate import Gate

app = st.App(
    HERE / "console.py",
    routes=[*signin.ROUTES, *exports.ROUTES],
    middleware=[Middleware(Gate, secret=settings.secret, is_open=data.is_open)],
)
