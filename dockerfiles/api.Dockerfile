# The API: Express, libjpeg-turbo, sharp and ONNX Runtime. No TensorFlow, no Temporal, no compiler.

# Named in a FROM, where Dependabot looks for it; --build-arg BASE_IMAGE=… takes another in its place.
ARG BASE_IMAGE=base
FROM node:22.23.1-bookworm-slim@sha256:6c74791e557ce11fc957704f6d4fe134a7bc8d6f5ca4403205b2966bd488f6b3 AS base

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

FROM ${BASE_IMAGE} AS packages
WORKDIR /app
COPY package.json package-lock.json .npmrc dockerfiles/keep-dependencies.cjs dockerfiles/one-platform.cjs ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev \
    && node keep-dependencies.cjs @google-cloud/storage commander express helmet onnxruntime-node \
    @julusian/jpeg-turbo @opentelemetry/api @opentelemetry/exporter-trace-otlp-http \
    @opentelemetry/resources @opentelemetry/sdk-trace picocolors prom-client protobufjs rate-limiter-flexible sharp winston yaml zod \
    && npm prune --omit=dev \
    && node one-platform.cjs

FROM ${BASE_IMAGE}
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1 \
    DROVER_HOME=/data \
    DROVER_API_HOST=0.0.0.0 \
    DROVER_API_PORT=8080
WORKDIR /app
RUN mkdir /data /home/api && chown 10001:10001 /data /home/api
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
COPY bin ./bin
# Loads every module with the packages that were kept: one too few fails here, and not where it runs.
RUN ["node", "-e", "require('./dist/api/main.js'); require('./dist/lib/images/decode.js'); require('./dist/lib/inference/classifier.js'); require('./dist/api/guard/rate-limit.js').createRateLimit({ requests: 1, seconds: 1 }); require('./dist/api/codec/app.js'); require('./dist/lib/payloads/codec.js'); require('./dist/api/traces.js').createTraces({ endpoint: 'http://127.0.0.1:1', service: 'trial' }, console).then((traces) => traces.close())"]
USER 10001:10001
EXPOSE 8080
# That the process answers, with or without a model; whether there is one, /readyz says.
HEALTHCHECK --interval=10s --timeout=3s --start-period=15s \
    CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.DROVER_API_PORT + '/healthz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["node", "bin/drover.js", "api"]
