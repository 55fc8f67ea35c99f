"""What a source holds, before anybody has written a connector for it: columns looked at, a policy proposed.

A new source otherwise begins with an empty policy file and somebody's memory of what its columns are called. Values are
read, counted and forgotten: no report, draft, log line or exception of this package carries one.
"""
