# One image for all processes: the API is the default, `node apps/sqs-worker/src/main.ts` and
# `node apps/kafka-worker/src/main.ts` are the workers, `node apps/cli/src/main.ts` is the command line.
FROM node:24-slim AS install
WORKDIR /pebbles
COPY package.json pnpm-lock.yaml pnpm-workspace.yaml ./
COPY tooling/bootstrap tooling/bootstrap
COPY tooling/patches tooling/patches
COPY packages packages
COPY apps apps
COPY tooling/typescript tooling/typescript
RUN cd tooling/bootstrap && npm ci --ignore-scripts --no-audit --no-fund
RUN node_path=tooling/bootstrap/node_modules/@pnpm/exe.linux-$(node -p process.arch); \
    "$node_path/pnpm" install --prod --frozen-lockfile --filter "{./apps/*}..." && rm -rf tooling/bootstrap/node_modules

FROM node:24-slim
ENV NODE_ENV=production DATA_DIR=/data HOST=0.0.0.0
WORKDIR /pebbles
COPY --from=install --chown=root:root /pebbles ./
RUN mkdir /data && chown node:node /data
USER node
VOLUME /data
EXPOSE 8081
# By what runs in this container: a worker has WORKER_PORT, and may have none to be asked on.
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s \
  CMD node -e "const {env}=process,isWorker=/(sqs|kafka)-worker/.test(require('fs').readFileSync('/proc/1/cmdline','utf8')),port=Number(isWorker?env.WORKER_PORT:env.PORT||8081);port>0?fetch('http://127.0.0.1:'+port+'/ready').then(a=>process.exit(a.ok?0:1),()=>process.exit(1)):process.exit(0)"
CMD ["node", "apps/http-api/src/main.ts"]
