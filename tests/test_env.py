import os
from ipaddress import ip_network
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chappe import env

words = st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1, max_size=20)


def test_value_of_the_environment_wins_over_the_default(monkeypatch):
    monkeypatch.setenv("CHAPPE_X", "there")

    assert env.env_str("CHAPPE_X", "default") == "there"
    assert env.env_str("CHAPPE_Y", "default") == "default"


def test_file_named_by_the_environment_wins_over_the_value(monkeypatch, tmp_path):
    (tmp_path / "secret").write_text("from the file\n")
    monkeypatch.setenv("CHAPPE_X", "there")
    monkeypatch.setenv("CHAPPE_X_FILE", str(tmp_path / "secret"))

    assert env.env_str("CHAPPE_X") == "from the file"


def test_missing_variable_without_default_says_its_name():
    with pytest.raises(env.MissingSetting, match="CHAPPE_NOWHERE"):
        env.env_str("CHAPPE_NOWHERE")


@pytest.mark.parametrize(("text", "value"), [("yes", True), ("TRUE", True), ("1", True), ("no", False), ("0", False)])
def test_switches_are_said_in_words(monkeypatch, text, value):
    monkeypatch.setenv("CHAPPE_X", text)

    assert env.env_bool("CHAPPE_X", not value) is value


def test_switch_that_is_neither_yes_nor_no_is_refused(monkeypatch):
    monkeypatch.setenv("CHAPPE_X", "perhaps")

    with pytest.raises(env.MissingSetting, match="perhaps"):
        env.env_bool("CHAPPE_X", True)


def test_lists_are_separated_by_commas(monkeypatch):
    monkeypatch.setenv("CHAPPE_X", " a, b ,,c ")

    assert env.env_list("CHAPPE_X") == ["a", "b", "c"]


def test_home_file_fills_in_what_the_environment_leaves_open(monkeypatch, tmp_path):
    (tmp_path / "env").write_text("# keys\nCHAPPE_X=from the file\nCHAPPE_Y = a=b \nnonsense\n")
    monkeypatch.setenv("CHAPPE_HOME", str(tmp_path))
    monkeypatch.setenv("CHAPPE_X", "there")
    monkeypatch.setenv("CHAPPE_Y", "to be restored")
    monkeypatch.delenv("CHAPPE_Y")

    env.load_home_files()

    assert (os.environ["CHAPPE_X"], os.environ["CHAPPE_Y"]) == ("there", "a=b")


def test_home_without_a_file_is_fine(monkeypatch, tmp_path):
    monkeypatch.setenv("CHAPPE_HOME", str(tmp_path))

    env.load_home_files()


@given(user=words, password=words, name=words)
def test_any_user_password_and_name_survive_the_url(user, password, name):
    url = f"postgresql://{quote(user, safe='')}:{quote(password, safe='')}@db.example:5433/{quote(name, safe='')}"

    database = env.database_from_url(f"{url}?sslmode=require")

    told = [database[key] for key in ("USER", "PASSWORD", "NAME", "HOST", "PORT")]
    assert told == [user, password, name, "db.example", 5433]
    assert database["OPTIONS"] == {"connect_timeout": "10", "tcp_user_timeout": "30000", "sslmode": "require"}


@pytest.mark.parametrize(
    ("url", "name"), [("sqlite:////srv/chappe.sqlite3", "/srv/chappe.sqlite3"), ("sqlite:///a.db", "a.db")]
)
def test_sqlite_is_a_path(url, name):
    assert env.database_from_url(url)["NAME"] == name


def test_other_databases_are_refused_by_name():
    with pytest.raises(env.MissingSetting, match="mysql"):
        env.database_from_url("mysql://localhost/chappe")


def test_addresses_of_a_running_supervisor_fill_the_environment(tmp_path, monkeypatch):
    monkeypatch.setenv("CHAPPE_HOME", str(tmp_path))
    monkeypatch.setenv("CHAPPE_BASE_URL", "")
    monkeypatch.delenv("CHAPPE_BASE_URL")
    (tmp_path / "running").write_text(f"# process {os.getpid()}\nCHAPPE_BASE_URL=http://127.0.0.1:8100")

    env.load_home_files()

    assert os.environ["CHAPPE_BASE_URL"] == "http://127.0.0.1:8100"


@pytest.mark.parametrize("left_behind", ["# process 4194304\nCHAPPE_BASE_URL=x", "# process me\n", ""])
def test_addresses_of_a_dead_supervisor_are_forgotten(tmp_path, monkeypatch, left_behind):
    monkeypatch.setenv("CHAPPE_HOME", str(tmp_path))
    (tmp_path / "running").write_text(left_behind)

    env.load_home_files()

    assert not (tmp_path / "running").exists()


def test_networks_are_read_as_such_and_refused_with_words(monkeypatch):
    monkeypatch.setenv("PROXIES", "127.0.0.1, 10.0.0.0/8,fd00::/8")
    assert env.env_networks("PROXIES") == [ip_network("127.0.0.1"), ip_network("10.0.0.0/8"), ip_network("fd00::/8")]

    monkeypatch.setenv("PROXIES", "yes")
    with pytest.raises(env.MissingSetting, match="PROXIES: 'yes' does not appear to be"):
        env.env_networks("PROXIES")
