"""A crawl with Scrapy: a file per page, as the other peers keep them. Reads {"urls", "paths", "concurrency"} as one line of JSON and
prints the seconds from having the list to the last page."""

import json
import sys
import time

import scrapy
from scrapy.crawler import CrawlerProcess

order = json.loads(sys.stdin.readline())
pages = list(zip(order["urls"], order["paths"]))
seconds = {}


class Pages(scrapy.Spider):
    name = "pages"

    async def start(self):
        seconds["from"] = time.monotonic()
        for url, path in pages:
            yield scrapy.Request(url, meta={"path": path}, callback=self.parse, dont_filter=True)

    def parse(self, response):
        with open(response.meta["path"], "wb") as file:
            file.write(response.body)
        seconds["to"] = time.monotonic()


process = CrawlerProcess(
    {
        "CONCURRENT_REQUESTS": order["concurrency"],
        "CONCURRENT_REQUESTS_PER_DOMAIN": 16,
        "DOWNLOAD_DELAY": 0,
        "SCRAPER_SLOT_MAX_ACTIVE_SIZE": 50_000_000,
        "REACTOR_THREADPOOL_MAXSIZE": 20,
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
        "ASYNCIO_EVENT_LOOP": "uvloop.Loop",
        # What a crawl as quick as this does without.
        "ROBOTSTXT_OBEY": False,
        "RETRY_ENABLED": False,
        "COOKIES_ENABLED": False,
        "REDIRECT_ENABLED": False,
        "TELNETCONSOLE_ENABLED": False,
        "LOG_ENABLED": False,
        "COMPRESSION_ENABLED": False,
        "DNSCACHE_ENABLED": True,
    }
)
process.crawl(Pages)
process.start()
print(seconds["to"] - seconds["from"], flush=True)
