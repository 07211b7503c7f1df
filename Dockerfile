FROM node:24.22.3-bookworm-slim AS base
# The SDK's core takes the authorities it trusts from the system; the slim image has none.
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ca-certificates \
  && rm -rf /var/lib/apt/lists/*
WORKDIR /app
ENV NODE_ENV=production
COPY package.json package-lock.json ./

# With the parts that are optional in the package: the worker, CDK and the compiler.
FROM base AS packages
COPY build/with-optional-parts.mjs build/
RUN node build/with-optional-parts.mjs && npm ci --omit=dev --no-audit --no-fund

FROM base AS all-packages
RUN npm ci --include=dev --no-audit --no-fund

# What both targets run: TypeScript, compiled while loading.
FROM base AS code
COPY tsconfig.json register.cjs rollout.yaml ./
COPY rules rules
COPY flags flags
COPY pavi pavi
COPY workflows workflows
COPY activities activities
COPY worker worker
COPY client client
COPY infra infra
COPY plans plans

FROM code AS worker
COPY --from=packages /app/node_modules node_modules
USER node
CMD ["node", "--require", "./register.cjs", "pavi/worker.ts"]

# The sample API of the sandbox needs development packages.
FROM code AS api
COPY --from=all-packages /app/node_modules node_modules
COPY sandbox sandbox
USER node
CMD ["node", "--require", "./register.cjs", "sandbox/api/main.ts"]
