"""Settings: read by an allow-list, as they are in force, next to what the logs show; secrets never leave the file."""

from __future__ import annotations

import io
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest

from parsing.errors import DamagedSourceError
from parsing.evidence import SettingHere, evidence_records, settings_here
from parsing.evidence.settings_here import seconds_of
from parsing.evidence.sites import site_names
from parsing.formats.evidence.host_config import read_host_config
from parsing.formats.evidence.netsh_text import read_netsh_text
from parsing.index import LogSet, Snapshot
from parsing.knowledge.reasons import reason
from parsing.knowledge.settings import known_settings
from tests.parsing.evidence.conftest import error
from tests.written_events import Written, events_xml, was
from tests.written_logs import HTTPERR_HEAD, IIS_HEAD, START, write

SECRETS = [
    f"s3cret-{number}-{word}" for number, word in enumerate("pool user key conn cert cookie vdir sql smtp note".split())
]
CONFIG = f"""<?xml version="1.0" encoding="UTF-8"?>
<configuration>
  <configProtectedData><providers><add name="Aes" sessionKey="{SECRETS[2]}"/></providers></configProtectedData>
  <connectionStrings><add name="db" connectionString="Server=x;Password={SECRETS[3]}"/></connectionStrings>
  <system.applicationHost>
    <applicationPools>
      <add name="Legacy" queueLength="4000">
        <processModel userName="{SECRETS[1]}" password="{SECRETS[0]}" shutdownTimeLimit="00:00:30"/>
        <failure rapidFailProtectionMaxCrashes="3"/>
        <environmentVariables><add name="SQL" value="{SECRETS[7]}"/></environmentVariables>
      </add>
      <add name="Shop"><processModel shutdownTimeLimit="[enc:Aes:{SECRETS[8]}:enc]"/></add>
      <applicationPoolDefaults queueLength="2000"/>
    </applicationPools>
    <sites>
      <site name="Müller" id="7"><limits connectionTimeout="00:01:00"/>
        <application path="/" applicationPool="Shop">
          <virtualDirectory path="/" physicalPath="C:\\{SECRETS[6]}" userName="{SECRETS[5]}" password="{SECRETS[4]}"/>
        </application></site>
      <site name="Shop" id="1"/>
      <siteDefaults><limits maxConnections="500"/></siteDefaults>
    </sites>
    <webLimits headerWaitTimeout="00:00:20"/>
  </system.applicationHost>
  <location path="Shop"><system.webServer><note text="{SECRETS[9]}"/></system.webServer></location>
</configuration>
"""


def opened(tmp_path: Path, files: dict[str, str | bytes]) -> Snapshot:
    for name, text in files.items():
        write(tmp_path / "case" / name, text)
    with LogSet.open([str(tmp_path / "case")], index_dir=tmp_path / "index") as log_set:
        log_set.read()
        return log_set.snapshot()


def values(found: Sequence[SettingHere], name: str) -> dict[str, tuple[str, ...]]:
    return {one.value: one.of for one in found if one.name == name}


def test_a_value_comes_from_the_pool_then_the_defaults_then_iis(tmp_path: Path) -> None:
    snapshot = opened(tmp_path, {"IISConfig/applicationHost.config": CONFIG})
    assert values(settings_here(snapshot, "QueueFull"), "queueLength") == {"4000": ("Legacy",), "2000": ("Shop",)}
    crashes = settings_here(snapshot, "appoffline")
    assert values(crashes, "failure.rapidFailProtectionMaxCrashes") == {"3": ("Legacy",), "5": ("Shop",)}
    idle = settings_here(snapshot, "Timer_ConnectionIdle")
    assert values(idle, "limits.connectionTimeout") == {"00:01:00": ("Müller",), "00:02:00": ("Shop",)}
    assert values(settings_here(snapshot, "ConnLimit"), "limits.maxConnections") == {"500": ("Müller", "Shop")}
    assert values(settings_here(snapshot, "Timer_HeaderWait"), "webLimits.headerWaitTimeout") == {
        "00:00:20": ("the server",)
    }
    assert site_names(snapshot) == {"Müller": "7", "Shop": "1"}


def test_none_of_the_secrets_is_in_the_index_or_in_a_record(tmp_path: Path) -> None:
    assert all(secret in CONFIG for secret in SECRETS)
    snapshot = opened(tmp_path, {"IISConfig/applicationHost.config": CONFIG, "Shop/web.config": CONFIG})
    records = evidence_records(snapshot)
    assert records.height > 20
    shown = records.write_ndjson()
    shown += "".join(
        one.text
        for known in known_settings().values()
        for code in known.governs
        for one in settings_here(snapshot, code)
    )
    kept = b"".join(path.read_bytes() for path in (tmp_path / "index").rglob("*") if path.is_file())
    kept += b"".join(str(part.read().to_dicts()).encode() for part in snapshot.evidence)
    for secret in SECRETS:
        assert secret not in shown
        assert secret.encode() not in kept


def test_an_encrypted_value_is_taken_for_not_set(tmp_path: Path) -> None:
    snapshot = opened(tmp_path, {"applicationHost.config": CONFIG})
    found = settings_here(snapshot, "Connection_Abandoned_By_ReqQueue")
    assert values(found, "processModel.shutdownTimeLimit") == {"00:00:30": ("Legacy",), "00:01:30": ("Shop",)}


@pytest.mark.parametrize(
    "text",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]><configuration/>',
        "<configuration>" + "<a>" * 40,
        "<configuration><a></configuration>",
    ],
    ids=["doctype", "deep", "crossed"],
)
def test_a_hostile_configuration_is_refused(text: str) -> None:
    with pytest.raises(DamagedSourceError):
        list(read_host_config(io.BytesIO(text.encode())))


def test_old_configurations_are_passed_over(tmp_path: Path) -> None:
    snapshot = opened(tmp_path, {"IISConfigHistory/CFGHISTORY_0000000012/applicationHost.config": CONFIG})
    assert settings_here(snapshot, "QueueFull") == ()


NETSH = """Snapshot of HTTP service state (Server Session View):
Server session ID: FF00000120000001
    Version: 1.0
        Timeouts:
            Idle connection timeout (secs): 77
            Minimum send rate (bytes/sec): 150
Server session ID: FD00000120000001
    Version: 2.0
        Timeouts:
            Header wait timeout (secs): 120
            Minimum send rate (bytes/sec): 240
    URL group ID: FC00000140000001
        Request queue name: DefaultAppPool
            Max connections: 300
            Timeouts:
                Idle connection timeout (secs): 90
            Log directory: C:\\inetpub\\logs\\LogFiles\\W3SVC12
Request queues:
    Request queue name: Request queue is unnamed.
        Max requests: 1000
    Request queue name: DefaultAppPool
        Max requests: 5000
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_what_netsh_prints_is_read_by_site_and_queue(tmp_path: Path, encoding: str) -> None:
    snapshot = opened(tmp_path, {"NETSH-HTTP/servicestate.txt": NETSH.encode(encoding)})
    assert values(settings_here(snapshot, "QueueFull"), "queueLength") == {"5000": ("DefaultAppPool",)}
    assert values(settings_here(snapshot, "ConnLimit"), "limits.maxConnections") == {"300": ("site 12",)}
    assert values(settings_here(snapshot, "Timer_ConnectionIdle"), "limits.connectionTimeout") == {
        "00:01:30": ("site 12",)
    }
    slow = values(settings_here(snapshot, "Timer_MinBytesPerSecond"), "webLimits.minBytesPerSecond")
    assert slow == {"240": ("the server",)}


def test_a_windows_in_another_language_gives_nothing() -> None:
    german = NETSH.replace("Request queue name", "Anforderungswarteschlangenname").replace("Log directory", "Ordner")
    assert not [one for one in read_netsh_text(io.BytesIO(german.encode())) if one.pool or one.site]


def _idle_logs(seconds: int) -> dict[str, str | bytes]:
    """Sixty clients that each ask once, and are closed so long after their answer, up to a sweep late."""
    requests, closes = [], []
    for number in range(60):
        at = START + timedelta(seconds=97 * number)
        client = f"192.0.2.{number + 1}"
        requests.append(f"{at} 10.0.0.1 GET /a - 443 - {client} A - 200 0 0 0\r\n")
        closed = at + timedelta(seconds=seconds + number % 5)
        closes.append(f"{closed} {client} 50{number:03} 10.0.0.1 443 - - - - - Timer_ConnectionIdle -\r\n")
    return {
        "u_ex1.log": IIS_HEAD + "".join(requests),
        "httperr1.log": HTTPERR_HEAD + "".join(sorted(closes)),
        "applicationHost.config": CONFIG.replace('connectionTimeout="00:01:00"', ""),
    }


def test_a_time_out_that_the_logs_show_is_said_to_agree(tmp_path: Path) -> None:
    found = settings_here(opened(tmp_path, _idle_logs(120)), "Timer_ConnectionIdle")
    [own] = [one for one in found if one.name == "limits.connectionTimeout"]
    assert own.agrees is True
    assert "The logs agree: idle closes come 2 min after the last answer" in own.text


def test_a_time_out_that_the_logs_contradict_is_said_not_to_agree(tmp_path: Path) -> None:
    found = settings_here(opened(tmp_path, _idle_logs(60)), "Timer_ConnectionIdle")
    [own] = [one for one in found if one.name == "limits.connectionTimeout"]
    assert own.agrees is False
    assert "The logs do not agree: idle closes come 60 s after the last answer" in own.text


def test_a_time_out_of_which_the_logs_show_nothing_is_only_named(tmp_path: Path) -> None:
    files = {"applicationHost.config": CONFIG, "httperr1.log": HTTPERR_HEAD + error("14:00:00", "QueueFull")}
    found = settings_here(opened(tmp_path, dict(files)), "Timer_ConnectionIdle")
    assert {one.agrees for one in found} == {None}


@pytest.mark.parametrize(("failures", "agrees"), [(3, True), (5, False)])
def test_rapid_fail_protection_is_compared_with_the_event_log(tmp_path: Path, failures: int, agrees: bool) -> None:
    events: list[Written] = [was(5011, f"2026-06-15T14:1{number}:00Z", "Legacy") for number in range(failures)]
    events.append(was(5002, f"2026-06-15T14:1{failures - 1}:01Z", "Legacy"))
    snapshot = opened(tmp_path, {"applicationHost.config": CONFIG, "System.xml": events_xml(events)})
    found = {one.of: one for one in settings_here(snapshot, "AppOffline") if one.name.endswith("MaxCrashes")}
    assert found[("Legacy",)].agrees is agrees
    assert found[("Shop",)].agrees is None
    assert str(failures) in found[("Legacy",)].text


def test_every_setting_of_the_list_governs_reasons_that_are_known() -> None:
    for known in known_settings().values():
        assert all(reason(code).is_known for code in known.governs), known.name


@pytest.mark.parametrize(
    ("text", "seconds"), [("00:02:00", 120), ("1.05:00:00", 104_400), ("soon", None), ("120", None)]
)
def test_times_of_the_configuration(text: str, seconds: int | None) -> None:
    assert seconds_of(text) == seconds
