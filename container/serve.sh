#!/bin/sh
# Serves the built Worker on every interface, at PORT or else 8080. The image and `npm run serve` both run this.
set -eu
cd "$(dirname "$0")"
# workerd ends when it runs out of descriptors, and each connection takes one, so it gets as many as are allowed.
ulimit -n "$(ulimit -Hn)" || true
# Without Cloudflare in front a caller could set any header, so none is trusted for the caller's address.
export ADDRESS_HEADER="${ADDRESS_HEADER:-none}"
echo "Serving at http://localhost:${PORT:-8080}, until Ctrl-C or SIGTERM" >&2
# With exec, SIGTERM reaches workerd itself, which answers what it has begun and then ends.
exec workerd serve worker.capnp --socket-addr "http=*:${PORT:-8080}"
