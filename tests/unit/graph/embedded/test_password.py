"""The form in which Neo4j keeps a password."""

from __future__ import annotations

from pathlib import Path

from nexus_core.graph.embedded.password import credential, set_initial_password


def test_it_is_what_neo4j_admin_writes() -> None:
    salt = "3c74dd8501422f6752822ed248f39b3e18963d1d3efb1bee98dfa5fde166ca82"
    digest = "0a6286c4a9f430510e7190432dce2f74ee97bd643599f9559e507e61751b5129"
    assert credential("abcdefgh12345678", bytes.fromhex(salt)) == f"SHA-256,{digest},{salt},1024"


def test_the_password_is_random_and_its_file_private(tmp_path: Path) -> None:
    set_initial_password(tmp_path / "a")
    set_initial_password(tmp_path / "b")
    files = [tmp_path / name / "password" for name in "ab"]
    assert files[0].read_text() != files[1].read_text()
    assert all(file.stat().st_mode & 0o077 == 0 and len(file.read_text()) >= 32 for file in files)
