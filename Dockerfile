# syntax=docker/dockerfile:1
FROM golang:1.26-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN --mount=type=cache,target=/go/pkg/mod go mod download
COPY . .
ARG VERSION=dev
RUN --mount=type=cache,target=/go/pkg/mod --mount=type=cache,target=/root/.cache/go-build \
    CGO_ENABLED=0 go build -trimpath -ldflags "-s -w -X main.version=${VERSION}" -o /out/doorito . \
 && mkdir -p /out/data

# Certificates, time zones and a user without rights; no shell, no package manager.
FROM gcr.io/distroless/static-debian12:nonroot
COPY --from=build /out/doorito /doorito
COPY --from=build --chown=nonroot:nonroot /out/data /data
ENV DATA_DIR=/data \
    LISTEN_ADDR=0.0.0.0:8080 \
    LOG_FORMAT=json
EXPOSE 8080
VOLUME ["/data"]
USER nonroot:nonroot
# For serve and web; docker-compose.yml gives worker and scheduler their own.
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["/doorito", "doctor", "--url", "http://127.0.0.1:8080"]
ENTRYPOINT ["/doorito"]
CMD ["serve"]
