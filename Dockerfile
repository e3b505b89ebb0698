# The Worker for Cloud Run and any other host of containers: workerd and the bundle that would be deployed.

FROM node:24.21.0-trixie-slim@sha256:8ec5d7557396cfe32d21c3f9c13072355ceab22b584578ca4bb28af31120cffe AS build
WORKDIR /app
ENV WRANGLER_SEND_METRICS=false WRANGLER_SEND_ERROR_REPORTS=false
COPY package.json package-lock.json ./
# npm ci runs it, to put Swagger UI into public/.
COPY scripts/swagger-ui.js scripts/
RUN npm ci
COPY tsconfig.json wrangler.toml ./
COPY src/ src/
COPY public/ public/
RUN npm run bundle
# Slim images trust no certificate authority, so the image gets Mozilla's, as Node ships them.
RUN node -p "tls.rootCertificates.join('\n')" > ca-certificates.crt

FROM debian:13.7-slim@sha256:93b9a6764e5d7a53b6b3682cc370cbb85ace510ffe5f60b6a03821655a4b3e52
ARG VERSION=dev
ARG SOURCE=
LABEL org.opencontainers.image.title="ACME user service" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="$VERSION" \
      org.opencontainers.image.source="$SOURCE"
ENV VERSION=$VERSION
WORKDIR /app
COPY --from=build /app/ca-certificates.crt /etc/ssl/certs/
COPY --from=build /app/node_modules/workerd/bin/workerd /usr/local/bin/
COPY --from=build /app/dist/index.js dist/
COPY --from=build /app/public/ public/
COPY container/ container/
# The user nobody, by number, so that a host can tell that it is not root.
USER 65534:65534
EXPOSE 8080
# No HEALTHCHECK: it would need a client in the image, and Cloud Run and Kubernetes probe over HTTP by themselves.
ENTRYPOINT ["sh", "container/serve.sh"]
