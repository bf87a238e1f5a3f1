"""The queue between two stages: bounded, ordered, and closed from both sides."""

from __future__ import annotations

import threading

import pytest

from parsing.index.reading.channel import Channel, Closed


def test_items_come_in_order_and_then_the_end() -> None:
    channel = Channel[int](10, lambda item: item)
    for item in (3, 2, 1):
        channel.put(item)
    channel.finish()
    assert list(channel) == [3, 2, 1]
    with pytest.raises(Closed):
        channel.get()


def test_putting_waits_for_room_and_one_item_always_fits() -> None:
    channel = Channel[int](10, lambda item: item)
    channel.put(50)
    is_put = threading.Event()

    def put() -> None:
        channel.put(5)
        is_put.set()

    putter = threading.Thread(target=put)
    putter.start()
    assert not is_put.wait(0.05)
    assert channel.get() == 50
    assert is_put.wait(10)
    putter.join()
    assert channel.get() == 5
    assert channel.get(timeout=0) is None


def test_the_end_comes_when_all_putters_have_finished() -> None:
    channel = Channel[int](10, lambda _: 1, putters=2)
    channel.finish()
    assert channel.get(timeout=0) is None
    channel.put(1)
    channel.finish()
    assert list(channel) == [1]


def test_an_error_of_a_putter_comes_before_what_waits() -> None:
    channel = Channel[int](10, lambda _: 1, putters=2)
    channel.put(1)
    channel.finish(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        channel.get()


def test_an_abandoned_channel_lets_putters_go() -> None:
    channel = Channel[int](1, lambda _: 1)
    channel.put(1)
    ended = threading.Event()

    def put() -> None:
        with pytest.raises(Closed):
            channel.put(2)
        ended.set()

    putter = threading.Thread(target=put)
    putter.start()
    channel.abandon()
    assert ended.wait(10)
    putter.join()
