"""Archives: documents -> a folder of shards, exactly once, however often the run is stopped.

    with open_job("events/", resume=True) as job:
        job.begin(settings, inputs=[...], form="jsonl", shard_size=1000, writer=...)
        for document, report in job.run(documents, code): ...

    part-00000.jsonl ...  the Reports of so many documents each, in the order of the input
    failed.jsonl          documents that failed: place, error, and their fields, to be read again
    manifest.jsonl        the settings; then a line a shard: its documents, its size, its SHA-256;
                          then a line that says that all is done

A shard is written under another name, synced, renamed, and only then entered in the manifest;
what the manifest does not know is made again. Which documents are done goes by their place in the
input: of each shard the manifest keeps one digest of what its documents hold, by which inputs that
have changed are noticed. So memory does not grow with the archive.

``manifest.py`` is the file, ``job.py`` the work.
"""

from .job import FAILED, Job, open_job, settings_of
from .manifest import MANIFEST, FolderOfReports, read_folder

__all__ = ["FAILED", "MANIFEST", "FolderOfReports", "Job", "open_job", "read_folder", "settings_of"]
