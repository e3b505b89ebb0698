#!/bin/sh
# Serves the built Worker on every interface, at PORT or else 8080. The image and `npm run serve` both run this.
set -eu
cd "$(dirname "$0")"
# workerd ends when it runs out of descriptors, and each connection takes one: as many as this process may have.
ulimit -n "$(ulimit -Hn)" || true
# There is no Cloudflare in front that vouches for a header with the caller's address.
export ADDRESS_HEADER="${ADDRESS_HEADER:-none}"
echo "Serving at http://localhost:${PORT:-8080}, until Ctrl-C or SIGTERM" >&2
# With exec, SIGTERM reaches workerd itself, which answers what it has begun and then ends.
exec workerd serve worker.capnp --socket-addr "http=*:${PORT:-8080}"
