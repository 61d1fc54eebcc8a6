"""A program as it was written for the single-tenant version: it knows nothing of clients, phases or patterns."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

url, token, filename = sys.argv[1:4]


def call(query="", body=None):
    request = urllib.request.Request(url + "/progress" + query)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
        request.add_header("Authorization", "Bearer " + token)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return answer.status, json.load(answer)
    except urllib.error.HTTPError as refused:
        return refused.code, json.load(refused)["error"]


def report(done, failed, **more):
    return call(body={"filename": filename, "counts": {"done": done, "warn": 0, "failed": failed}, **more})


answers = [
    report(90, 0, total=200),
    report(80, 2, total=999, errors=[{"line": 91, "message": "bad amount 12.50"}, {"message": "no header"}]),
    report(28, 0, isLast=True, warnings=[{"line": 200, "message": "late"}]),
    report(1, 0),
    call("?filename=" + urllib.parse.quote(filename)),
    call("?filename=none.csv"),
    call("?email=" + urllib.parse.quote("ada@example.com")),
]
json.dump(answers, sys.stdout)
