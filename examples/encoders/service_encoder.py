"""An encoder behind a web service that speaks the protocol of /v1/embeddings."""

import json
import urllib.request

import numpy as np


class ServiceEncoder:
    """Asks a service for the vectors; options are the arguments of __init__."""

    pooling = "mean"

    def __init__(self, url: str, model: str, batch_size: int = 64):
        """Take the address, the name of the model, and how many texts to send at once."""
        self.name = self.fingerprint = f"service-{model}"
        self.url, self.model, self.batch_size = url, model, batch_size
        self.dim = len(self.ask(["a"])[0])

    def encode(self, texts):
        """Return float32 (len(texts), dim) with rows of length 1."""
        rows = np.zeros((len(texts), self.dim), np.float32)
        for start in range(0, len(texts), self.batch_size):
            batch = texts[start : start + self.batch_size]
            rows[start : start + len(batch)] = self.ask(batch)
        return rows / np.linalg.norm(rows, axis=1, keepdims=True)

    def centre(self, lang):
        """Return None: the mean vector of general text in a language is not known."""

    def ask(self, texts):
        """Return the service's vectors, in the order of the texts."""
        body = json.dumps({"model": self.model, "input": list(texts)}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=60) as answer:
            items = json.load(answer)["data"]
        return [item["embedding"] for item in sorted(items, key=lambda item: item["index"])]
