"""What the clients do when things go wrong, with a service that is made of a list of answers."""

import asyncio
from datetime import datetime, timezone
import json
from typing import Any, Callable, Dict, List
import unittest
from unittest import mock

import httpx

import everfetch
from everfetch.errors import retry_after_sec

BATCH = "01994f3c-6f2b-7a41-8d05-e17b90c2ffff"
JOB = "01994f3c-6f2b-7a41-8d05-e17b90c20000"


class Service:
    """Answers each request with the next of its answers: a response, or an error to raise."""

    def __init__(self, *answers: Any) -> None:
        self._answers = list(answers)
        self.requests: List[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    def client(self, **options: Any) -> everfetch.Everfetch:
        http = httpx.Client(transport=httpx.MockTransport(self))
        return everfetch.Everfetch("http://service.example/", "secret-key", http=http, **options)

    def async_client(self) -> everfetch.AsyncEverfetch:
        http = httpx.AsyncClient(transport=httpx.MockTransport(self))
        return everfetch.AsyncEverfetch("http://service.example", "secret-key", http=http)


def lost() -> Exception:
    return httpx.ReadError("connection lost")


def problem(status: int, code: str, **headers: str) -> httpx.Response:
    body = {"detail": "It does not work.", "code": code, "errors": [{"path": "line 2", "message": "is wrong"}]}
    return httpx.Response(status, json=body, headers={"x-request-id": "r-1", **headers})


class Broken(httpx.SyncByteStream):
    """A body that breaks off behind these bytes."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.is_closed = False

    def __iter__(self) -> Any:
        yield self._content
        raise lost()

    def close(self) -> None:
        self.is_closed = True


def lines(*numbers: int) -> bytes:
    return b"".join(json.dumps({"id": f"job-{n}", "cursor": f"c{n}"}).encode() + b"\n" for n in numbers)


class Retries(unittest.TestCase):
    def setUp(self) -> None:
        self.slept: List[float] = []
        patched = mock.patch("time.sleep", self.slept.append)
        patched.start()
        self.addCleanup(patched.stop)

    def test_a_submission_is_repeated_under_one_idempotency_key(self) -> None:
        service = Service(lost(), problem(500, "internal_error"), httpx.Response(200, json={"id": JOB}))
        self.assertEqual(service.client().submit("https://a.example/")["id"], JOB)
        keys = {request.headers["idempotency-key"] for request in service.requests}
        self.assertEqual((len(service.requests), len(keys)), (3, 1))
        self.assertEqual(json.loads(service.requests[2].content), {"url": "https://a.example/"})

    def test_a_pause_that_the_service_asks_for_is_obeyed(self) -> None:
        service = Service(problem(429, "submit_rate_exceeded", **{"retry-after": "7"}), httpx.Response(200, json={}))
        service.client().account()
        self.assertEqual(self.slept, [7.0])

    def test_a_pause_of_minutes_is_left_to_the_caller(self) -> None:
        service = Service(problem(503, "store_unavailable", **{"retry-after": "300"}))
        with self.assertRaises(everfetch.UnavailableError) as caught:
            service.client().account()
        self.assertEqual((caught.exception.retry_after_sec, self.slept), (300.0, []))

    def test_what_does_harm_twice_is_not_repeated_without_an_answer(self) -> None:
        service = Service(lost())
        with self.assertRaises(everfetch.ConnectionError) as caught:
            service.client().test_webhook("https://a.example/")
        self.assertEqual(
            str(caught.exception), "POST /webhooks/test: no answer from http://service.example (connection lost)."
        )

    def test_it_gives_up_in_the_end(self) -> None:
        service = Service(*[lost() for _ in range(6)])
        with self.assertRaises(everfetch.ConnectionError):
            service.client().account()
        self.assertEqual((len(service.requests), len(self.slept)), (6, 5))

    def test_a_wrong_request_is_not_repeated_and_says_what_is_wrong(self) -> None:
        service = Service(problem(400, "invalid_url"))
        with self.assertRaises(everfetch.InvalidRequestError) as caught:
            service.client().submit_batch(["https://a.example/", "x"])
        error = caught.exception
        self.assertEqual((str(error), error.status, error.code), ("It does not work.", 400, "invalid_url"))
        self.assertEqual((error.details, error.request_id), ([{"path": "line 2", "message": "is wrong"}], "r-1"))

    def test_something_that_is_not_everfetch_is_told(self) -> None:
        for answer in (httpx.Response(200, text="<h1>It works!</h1>"), httpx.Response(302, headers={"location": "/x"})):
            with self.assertRaises(everfetch.ApiError) as caught:
                Service(answer).client().account()
            self.assertEqual(caught.exception.code, "not_everfetch")

    def test_results_go_on_behind_the_last_whole_line(self) -> None:
        broken = Broken(lines(1, 2) + b'{"id": "job-3", "cu')
        service = Service(httpx.Response(200, stream=broken), lost(), httpx.Response(200, content=lines(3)))
        self.assertEqual([line["id"] for line in service.client().results(BATCH)], ["job-1", "job-2", "job-3"])
        self.assertEqual([dict(each.url.params).get("cursor") for each in service.requests], [None, "c2", "c2"])
        self.assertTrue(broken.is_closed)

    def test_results_that_never_come_end_with_an_error(self) -> None:
        service = Service(*[httpx.Response(200, stream=Broken(b"")) for _ in range(6)])
        with self.assertRaises(everfetch.ConnectionError):
            list(service.client().results(BATCH))
        self.assertEqual(len(service.requests), 6)

    def test_a_stream_that_a_stopping_service_has_closed_is_opened_again(self) -> None:
        left, none_left = ({"x-batch-unfinished": each} for each in ("1", "0"))
        service = Service(
            httpx.Response(200, content=lines(1) + b"\n", headers=left),
            httpx.Response(200, content=lines(2), headers=none_left),
        )
        self.assertEqual([line["id"] for line in service.client().results(BATCH, follow=True)], ["job-1", "job-2"])

    def test_leaving_results_early_frees_the_connection(self) -> None:
        stream = Broken(lines(1, 2))
        results = Service(httpx.Response(200, stream=stream)).client().results(BATCH)
        self.assertEqual(next(results)["id"], "job-1")
        results.close()  # type: ignore[attr-defined]
        self.assertTrue(stream.is_closed)

    def test_waiting_ends_with_its_time(self) -> None:
        running = [httpx.Response(200, json={"id": JOB, "status": "running"}) for _ in range(100)]
        with self.assertRaises(TimeoutError):
            Service(*running).client().wait(JOB, timeout_sec=0.01)

    def test_where_events_do_not_get_through_a_batch_is_asked_for(self) -> None:
        ended = {"id": BATCH, "status": "finished", "endedAt": "2026-03-02T09:30:00Z"}
        answers = [problem(503, "too_many_streams", **{"retry-after": "300"}), httpx.Response(200, json=ended)]
        seen: List[Dict[str, Any]] = []
        self.assertEqual(Service(*answers).client().wait({"id": BATCH}, on_progress=seen.append), ended)
        self.assertEqual(seen, [ended])


class Submissions(unittest.TestCase):
    def test_many_lines_are_taken_as_they_are_needed(self) -> None:
        taken: List[int] = []

        def given() -> Any:
            for number in range(5):
                taken.append(number)
                yield {"url": f"https://a.example/{number}", "id": str(number)}

        service = Service(*[httpx.Response(202, json={"id": BATCH}) for _ in range(3)])
        fields = {"tags": ["a", "b"], "dedupe": True, "onDone": {"type": "webhook", "url": "https://r.example/"}}
        batches = service.client().submit_many(given(), fields, lines_per_batch=2, idempotency_key="k")
        self.assertEqual(taken, [])
        next(batches)
        self.assertEqual(len(taken), 3)
        self.assertEqual(len(list(batches)), 2)
        self.assertEqual([len(each.content.splitlines()) for each in service.requests], [2, 2, 1])
        self.assertEqual([each.headers["idempotency-key"] for each in service.requests], ["k-1", "k-2", "k-3"])
        query = service.requests[0].url.params
        self.assertEqual((query.get_list("tags"), query["dedupe"]), (["a", "b"], "true"))
        self.assertEqual(query["onDone"], "https://r.example/")

    def test_what_an_iterator_raises_is_raised(self) -> None:
        def given() -> Any:
            yield "https://a.example/"
            raise KeyError("mine")

        with self.assertRaises(KeyError):
            list(Service().client().submit_many(given()))

    def test_times_and_names_are_those_of_the_api(self) -> None:
        service = Service(httpx.Response(200, json={"items": []}))
        since = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)
        self.assertEqual(list(service.client().jobs(fail_reason="terminated", since=since, limit=7)), [])
        expected = {"failReason": "terminated", "since": "2026-03-02T09:30:00Z", "limit": "7"}
        self.assertEqual(dict(service.requests[0].url.params), expected)


class Asyncio(unittest.IsolatedAsyncioTestCase):
    async def test_it_makes_calls_at_the_same_time_and_can_be_cancelled(self) -> None:
        started = asyncio.Event()

        async def never(request: httpx.Request) -> httpx.Response:
            started.set()
            await asyncio.sleep(60)
            raise AssertionError

        http = httpx.AsyncClient(transport=httpx.MockTransport(never))
        client = everfetch.AsyncEverfetch("http://service.example", http=http)
        task = asyncio.ensure_future(client.account())
        await started.wait()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task

    async def test_lines_may_come_from_an_asynchronous_iterator(self) -> None:
        async def given() -> Any:
            for number in range(3):
                yield f"https://a.example/{number}"

        service = Service(*[httpx.Response(202, json={"id": BATCH}) for _ in range(2)])
        batches = [batch async for batch in service.async_client().submit_many(given(), lines_per_batch=2)]
        self.assertEqual(len(batches), 2)


class Webhooks(unittest.TestCase):
    def test_headers_that_are_missing_or_wrong_are_refused(self) -> None:
        secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
        right = {"Webhook-Id": "m", "webhook-timestamp": "1", "webhook-signature": "v1,x"}
        cases: List[Callable[[], Any]] = [
            lambda: everfetch.verify_webhook(payload="{}", headers={}, secret=secret),
            lambda: everfetch.verify_webhook(payload="{}", headers={**right, "webhook-timestamp": "x"}, secret=secret),
            lambda: everfetch.verify_webhook(payload="{}", headers=right, secret="whsec_%"),
            lambda: everfetch.verify_webhook(payload="{}", headers=right, secret=secret),
        ]
        for case in cases:
            self.assertRaises(everfetch.WebhookError, case)


class RetryAfter(unittest.TestCase):
    def test_it_may_be_seconds_or_a_date(self) -> None:
        now = datetime(2026, 3, 2, 9, 30, tzinfo=timezone.utc)
        self.assertEqual(retry_after_sec("12", now), 12.0)
        self.assertEqual(retry_after_sec("Mon, 02 Mar 2026 09:30:05 GMT", now), 5.0)
        self.assertEqual(retry_after_sec("Mon, 02 Mar 2026 09:00:00 GMT", now), 0.0)
        self.assertIsNone(retry_after_sec("soon", now))
        self.assertIsNone(retry_after_sec(None, now))


if __name__ == "__main__":
    unittest.main()
