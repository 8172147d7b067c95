# Workflows, downloads, preprocessing, evaluation, and the administration's page. No TensorFlow: training is the gpu-worker's.

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
    && node keep-dependencies.cjs --not @tensorflow/tfjs-node-gpu node-api-headers tsx prom-client \
    && npm prune --omit=dev \
    && node one-platform.cjs

FROM ${BASE_IMAGE}
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1 \
    DROVER_HOME=/data
WORKDIR /app
RUN mkdir /data && chown 10001:10001 /data
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
COPY bin ./bin
COPY configs ./configs
COPY dockerfiles/worker-health.cjs ./
# Loads every module with the packages that were kept: one too few fails here, and not where it runs.
RUN ["node", "-e", "require('./dist/workers/main.js'); require('./dist/api/administration/app.js'); require('./dist/api/server.js')"]
USER 10001:10001
HEALTHCHECK --interval=15s --timeout=3s --start-period=30s CMD ["node", "worker-health.cjs"]
CMD ["node", "bin/drover.js", "worker", "--queue", "ml", "--queue", "cpu"]
