"""Every test here runs on asyncio's loop and on uvloop: transports differ in what they promise."""

import asyncio

import uvloop


def pytest_asyncio_loop_factories():
    return {"asyncio": asyncio.new_event_loop, "uvloop": uvloop.new_event_loop}
