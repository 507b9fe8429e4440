"""The clients."""

from __future__ import annotations

from types import TracebackType
from typing import Mapping, Optional, Type

import httpx

from . import _account, _batches, _jobs, _results, _wait, _webhook_calls
from ._awaiting import Awaiting, awaiting
from ._awaiting import iterating as async_iterating
from ._blocking import Blocking, blocking, iterating
from ._effects import Settings
from ._transport import Address

TIMEOUT_SEC = 60.0
MAX_RETRIES = 5


class Keys(Blocking):
    """``Everfetch.keys``: all API keys, for an admin key."""

    list = blocking(_account.list_keys)
    create = blocking(_account.create_key)
    update = blocking(_account.update_key)
    revoke = blocking(_account.revoke_key)


class Everfetch(Blocking):
    """Client that blocks. It may be used by several threads at a time.

    :param url: address of the service; default ``EVERFETCH_URL``, else ``http://127.0.0.1:8080``
    :param api_key: default ``EVERFETCH_API_KEY``
    :param headers: sent with every request
    :param timeout_sec: longest silence of the service
    :param max_retries: how often a call is made again that failed for a reason that may pass
    :param http: an ``httpx.Client`` of your own, which you close yourself
    """

    def __init__(
        self,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        headers: Optional[Mapping[str, str]] = None,
        timeout_sec: float = TIMEOUT_SEC,
        max_retries: int = MAX_RETRIES,
        http: Optional[httpx.Client] = None,
    ) -> None:
        self._is_own = http is None
        address = Address(url, api_key, headers, timeout_sec)
        super().__init__(http or httpx.Client(), address, Settings(max_retries))
        self.keys = Keys(self._http, address, self._settings)

    submit = blocking(_jobs.submit)
    scrape = blocking(_jobs.scrape)
    job = blocking(_jobs.job)
    body = blocking(_jobs.body)
    screenshot = blocking(_jobs.screenshot)
    cancel_job = blocking(_jobs.cancel_job)
    forget_job = blocking(_jobs.forget_job)
    jobs = iterating(_jobs.jobs)

    submit_batch = blocking(_batches.submit_batch)
    submit_many = iterating(_batches.submit_many)
    batch = blocking(_batches.batch)
    batches = iterating(_batches.batches)
    batch_jobs = iterating(_batches.batch_jobs)
    pause = blocking(_batches.pause)
    resume = blocking(_batches.resume)
    cancel = blocking(_batches.cancel)
    retry_failed = blocking(_batches.retry_failed)
    update_batch = blocking(_batches.update_batch)
    forget_batch = blocking(_batches.forget_batch)
    archive = blocking(_batches.archive)
    failures = blocking(_batches.failures)
    results = iterating(_results.results)
    events = iterating(_results.events)
    wait = blocking(_wait.wait)

    deliveries = iterating(_webhook_calls.deliveries)
    delivery = blocking(_webhook_calls.delivery)
    replay = blocking(_webhook_calls.replay)
    replay_many = blocking(_webhook_calls.replay_many)
    test_webhook = blocking(_webhook_calls.test_webhook)
    webhook_secret = blocking(_webhook_calls.webhook_secret)
    rotate_webhook_secret = blocking(_webhook_calls.rotate_webhook_secret)
    receivers = iterating(_webhook_calls.receivers)
    receiver = blocking(_webhook_calls.receiver)

    account = blocking(_account.account)
    cost = blocking(_account.cost)
    usage = blocking(_account.usage)
    overview = blocking(_account.overview)
    host = blocking(_account.host)
    request = blocking(_account.request)

    def close(self) -> None:
        """Closes its connections."""
        if self._is_own:
            self._http.close()

    def __enter__(self) -> Everfetch:
        return self

    def __exit__(
        self, _type: Optional[Type[BaseException]], _error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        self.close()


class AsyncKeys(Awaiting):
    """``AsyncEverfetch.keys``: all API keys, for an admin key."""

    list = awaiting(_account.list_keys)
    create = awaiting(_account.create_key)
    update = awaiting(_account.update_key)
    revoke = awaiting(_account.revoke_key)


class AsyncEverfetch(Awaiting):
    """Client for asyncio, with the methods of :class:`Everfetch`.

    What is a list of pages or a stream there is an asynchronous iterator here.
    """

    def __init__(
        self,
        url: Optional[str] = None,
        api_key: Optional[str] = None,
        *,
        headers: Optional[Mapping[str, str]] = None,
        timeout_sec: float = TIMEOUT_SEC,
        max_retries: int = MAX_RETRIES,
        http: Optional[httpx.AsyncClient] = None,
    ) -> None:
        self._is_own = http is None
        address = Address(url, api_key, headers, timeout_sec)
        super().__init__(http or httpx.AsyncClient(), address, Settings(max_retries))
        self.keys = AsyncKeys(self._http, address, self._settings)

    submit = awaiting(_jobs.submit)
    scrape = awaiting(_jobs.scrape)
    job = awaiting(_jobs.job)
    body = awaiting(_jobs.body)
    screenshot = awaiting(_jobs.screenshot)
    cancel_job = awaiting(_jobs.cancel_job)
    forget_job = awaiting(_jobs.forget_job)
    jobs = async_iterating(_jobs.jobs)

    submit_batch = awaiting(_batches.submit_batch)
    submit_many = async_iterating(_batches.submit_many)
    batch = awaiting(_batches.batch)
    batches = async_iterating(_batches.batches)
    batch_jobs = async_iterating(_batches.batch_jobs)
    pause = awaiting(_batches.pause)
    resume = awaiting(_batches.resume)
    cancel = awaiting(_batches.cancel)
    retry_failed = awaiting(_batches.retry_failed)
    update_batch = awaiting(_batches.update_batch)
    forget_batch = awaiting(_batches.forget_batch)
    archive = awaiting(_batches.archive)
    failures = awaiting(_batches.failures)
    results = async_iterating(_results.results)
    events = async_iterating(_results.events)
    wait = awaiting(_wait.wait)

    deliveries = async_iterating(_webhook_calls.deliveries)
    delivery = awaiting(_webhook_calls.delivery)
    replay = awaiting(_webhook_calls.replay)
    replay_many = awaiting(_webhook_calls.replay_many)
    test_webhook = awaiting(_webhook_calls.test_webhook)
    webhook_secret = awaiting(_webhook_calls.webhook_secret)
    rotate_webhook_secret = awaiting(_webhook_calls.rotate_webhook_secret)
    receivers = async_iterating(_webhook_calls.receivers)
    receiver = awaiting(_webhook_calls.receiver)

    account = awaiting(_account.account)
    cost = awaiting(_account.cost)
    usage = awaiting(_account.usage)
    overview = awaiting(_account.overview)
    host = awaiting(_account.host)
    request = awaiting(_account.request)

    async def aclose(self) -> None:
        """Closes its connections."""
        if self._is_own:
            await self._http.aclose()

    async def __aenter__(self) -> AsyncEverfetch:
        return self

    async def __aexit__(
        self, _type: Optional[Type[BaseException]], _error: Optional[BaseException], _trace: Optional[TracebackType]
    ) -> None:
        await self.aclose()
