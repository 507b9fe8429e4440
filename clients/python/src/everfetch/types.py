"""The objects of the service, as they come. ``docs/openapi.json`` of everfetch says what each field means."""

from __future__ import annotations

from typing import Any, Dict, List, Literal, TypedDict, Union


JobStatus = Literal["running", "finished", "failed", "cancelled"]
BatchStatus = Literal["running", "paused", "finished", "cancelled"]


class LastFailure(TypedDict, total=False):
    reason: str
    statusCode: int
    detail: str
    at: str


class JobResponse(TypedDict, total=False):
    headers: Dict[str, str]
    statusCode: int
    #: Text, or the JSON value itself of a page that is JSON.
    body: Any
    #: Instead of ``body`` where the page is not text.
    base64EncodedBody: str
    credits: int


class _JobFields(TypedDict):
    id: str
    status: JobStatus
    url: str
    attempts: int


class Job(_JobFields, total=False):
    statusUrl: str
    response: JobResponse
    statusCode: int
    failReason: str
    error: str
    lastFailure: LastFailure
    supposedToRunAt: str
    clientId: str
    meta: Any
    ignoredParams: List[str]
    credits: int
    finishedAt: str
    expiresAt: str
    #: With ``attempts=True``: what each attempt ran into.
    tried: List[Dict[str, Any]]


class ResultLine(Job, total=False):
    """A job with its page, and where the results go on behind it."""

    cursor: str


class BatchCounts(TypedDict):
    total: int
    queued: int
    running: int
    finished: int
    failed: int
    cancelled: int


class _BatchFields(TypedDict):
    id: str
    status: BatchStatus
    tags: List[str]
    counts: BatchCounts
    credits: int
    createdAt: str
    resultsUrl: str


class Batch(_BatchFields, total=False):
    name: str
    pausedBecause: Literal["request", "max_credits"]
    maxCredits: int
    maxPerHost: int
    dedupe: bool
    failuresByReason: Dict[str, int]
    slowestHosts: List[Dict[str, Any]]
    throughput: List[Dict[str, Any]]
    etaSeconds: int
    limitedBy: Dict[str, str]
    endedAt: str
    expiresAt: str


class RetryPreview(TypedDict):
    """What ``retry_failed(…, dry_run=True)`` would retry."""

    jobs: int
    credits: int


Retried = Union[Batch, RetryPreview]


class DeliveryAttempt(TypedDict, total=False):
    at: str
    statusCode: int
    error: str
    durationMs: int
    answer: str


class _DeliveryFields(TypedDict):
    id: str
    event: str
    url: str
    status: Literal["pending", "delivered", "failed", "stopped"]
    createdAt: str
    attemptCount: int
    attempts: List[DeliveryAttempt]


class Delivery(_DeliveryFields, total=False):
    jobId: str
    batchId: str
    nextAttemptAt: str
    endedAt: str


class Replayed(TypedDict):
    replayed: int


class _SecretFields(TypedDict):
    secret: str


class WebhookSecret(_SecretFields, total=False):
    previousValidUntil: str


class _ReceiverFields(TypedDict):
    id: str
    origin: str
    health: Literal["healthy", "failing", "probing"]
    pending: int


class Receiver(_ReceiverFields, total=False):
    failingSince: str
    nextCallAt: str
    lastError: Dict[str, Any]
    troubledUrls: int
    urls: List[Dict[str, Any]]


class Account(TypedDict):
    concurrencyLimit: int
    concurrentRequests: int
    failedRequestCount: int
    requestCount: int
    requestLimit: int
    burst: int
    subscriptionDate: str
    creditsLeft: int


class UrlCost(TypedDict):
    cost: int
    credits: int


class UsageHour(TypedDict):
    hour: str
    credits: int
    finished: int
    failed: int
    cancelled: int


class _HostFields(TypedDict):
    host: str
    concurrency: int
    throttledCount: int


class Host(_HostFields, total=False):
    pace: Dict[str, float]
    restsUntil: str
    lastThrottledAt: str
    #: Only for an admin key: those that something speaks against.
    proxies: List[Dict[str, Any]]


class _ClusterFields(TypedDict):
    failReason: str
    jobs: int
    exampleJobId: str


class FailureCluster(_ClusterFields, total=False):
    host: str
    statusCode: int


class Failures(TypedDict):
    clusters: List[FailureCluster]
    isComplete: bool


class _OverviewFields(TypedDict):
    version: str
    isAdmin: bool
    urls: Dict[str, int]
    openBatches: int
    throughput: List[Dict[str, Any]]
    workers: List[Dict[str, Any]]
    receiversInTrouble: int
    credits: Dict[str, int]


class Overview(_OverviewFields, total=False):
    temporalUi: Dict[str, str]


class KeyLimits(TypedDict, total=False):
    credits: int
    concurrency: int
    submitsPerSecond: int
    maxUnfinished: int


class _KeyFields(TypedDict):
    id: str
    name: str
    isAdmin: bool
    createdAt: str


class ApiKey(_KeyFields, total=False):
    #: Only in the answer to its creation; it cannot be shown again.
    key: str
    revokedAt: str
    limits: KeyLimits
    usage: Dict[str, int]
