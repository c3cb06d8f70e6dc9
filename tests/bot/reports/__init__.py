"""Tests of the report files."""
