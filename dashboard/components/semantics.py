"""What assistive technology needs and Streamlit's own markup leaves out, put in as pages change."""

import streamlit as st

from dashboard.files import text

_mount = st.components.v2.component("tidings_semantics", js=text("components", "semantics.js"))


def mend() -> None:
    """Keep the page's markup true; takes no space."""
    with st.container(key="semantics"):
        _mount(key="semantics_mount")
