"""The console as an ASGI application: sign-in pages, the gate, and Streamlit behind it."""

import streamlit as st
from starlette.middleware import Middleware

from dashboard.door import account, federated, signin
from dashboard.door.gate import Gate, Sessions
from dashboard.files import HERE
from dashboard.reading import audits, exports, people, taking

SESSIONS = Sessions(people.session_of, people.is_live, people.touch)
app = st.App(
    HERE / "console.py",
    routes=[
        *signin.ROUTES,
        *federated.ROUTES,
        *account.ROUTES,
        *exports.ROUTES,
        *audits.ROUTES,
        *taking.ROUTES,
    ],
    middleware=[Middleware(Gate, sessions=SESSIONS)],
)
