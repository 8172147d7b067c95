# One training, without Temporal: a configuration in, a run in the store out.

# Named in a FROM, where Dependabot looks for it; --build-arg BASE_IMAGE=… takes another in its place.
ARG BASE_IMAGE=base
FROM node:22.23.1-bookworm-slim@sha256:6c74791e557ce11fc957704f6d4fe134a7bc8d6f5ca4403205b2966bd488f6b3 AS base

FROM ${BASE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN --mount=type=cache,target=/root/.npm npm ci
COPY . .
RUN npm run build

# libtensorflow and its addon, pinned and verified by native/ (docs/decisions/0001-native-parts.md).
FROM ${BASE_IMAGE} AS packages
# cpu, or cuda: then CUDA 12 and cuDNN come from NVIDIA's wheels, and of the host only its driver is needed.
ARG TENSORFLOW=cpu
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends g++ python3 python3-pip \
    && rm -rf /var/lib/apt/lists/*
ENV DROVER_CACHE=/opt/drover
WORKDIR /app
COPY package.json package-lock.json .npmrc tsconfig.json ./
RUN --mount=type=cache,target=/root/.npm npm ci --omit=dev
COPY contracts ./contracts
COPY native ./native
RUN DROVER_DEVICE=$TENSORFLOW node --import tsx native/setup.ts tensorflow && rm -rf /opt/drover/native/*.whl
COPY dockerfiles/keep-dependencies.cjs dockerfiles/one-platform.cjs ./
# protobufjs stays: it brings `long`, which tfjs needs without saying so.
RUN node keep-dependencies.cjs --not tsx express helmet \
    @temporalio/activity @temporalio/client @temporalio/common @temporalio/envconfig @temporalio/proto \
    @temporalio/worker @temporalio/workflow @swc/core \
    && npm prune --omit=dev \
    && node one-platform.cjs

FROM ${BASE_IMAGE}
ENV NODE_ENV=production \
    ORT_DISABLE_TELEMETRY=1 \
    DROVER_HOME=/data \
    DROVER_CACHE=/opt/drover \
    TF_CPP_MIN_LOG_LEVEL=2 \
    NVIDIA_DRIVER_CAPABILITIES=compute,utility
WORKDIR /app
RUN mkdir /data && chown 10001:10001 /data
COPY --from=packages /opt/drover /opt/drover
COPY --from=packages /app/package.json ./
COPY --from=packages /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
COPY LICENSE ./
COPY bin ./bin
COPY configs ./configs
# Loads every module with the packages that were kept: one too few fails here, and not where it runs.
RUN ["node", "-e", "require('./dist/cli/commands/train.js'); require('./dist/lib/training/trainer.js')"]
USER 10001:10001
# Ends with its training; there is nothing to ask while it runs.
HEALTHCHECK NONE
ENTRYPOINT ["node", "bin/drover.js", "train", "--local"]
CMD ["configs/train.yaml"]
