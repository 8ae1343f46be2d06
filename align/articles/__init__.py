"""Reading files into the articles table: text, HTML, JSONL, Parquet, in Unicode or an older Vietnamese encoding."""

from __future__ import annotations

from align.articles.read import ArticleSet, read_articles
from align.articles.record import Problem
from align.articles.schema import ARTICLE_SCHEMA

__all__ = ["ARTICLE_SCHEMA", "ArticleSet", "Problem", "read_articles"]
