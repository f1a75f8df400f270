# The whole of pingtrace in one container: what `npm start` runs, built. compose.yaml puts real Redis
# and MongoDB beside it; alone it runs the embedded ones:
#
#   docker build --tag pingtrace .
#   docker run --rm --init -p 127.0.0.1:5173:5173 -p 127.0.0.1:8081:8081 -p 127.0.0.1:4317:4317 \
#     -p 127.0.0.1:4318:4318 -p 127.0.0.1:16686:16686 pingtrace
#
# Publish on 127.0.0.1 only, as here: page and API ask nobody who they are, and the collector only with
# PINGTRACE_INGEST_TOKEN and PINGTRACE_QUERY_TOKEN (ARCHITECTURE.md, "Threat model").

FROM node:22-bookworm-slim AS build
WORKDIR /app
COPY . .
# Installs by the lockfile, builds, and installs once more what runs, without what builds and tests.
RUN npm run build \
  && rm -rf node_modules */node_modules packages/*/node_modules \
  && npm exec --yes --package=pnpm@12.21.0 -- pnpm install --prod --frozen-lockfile

FROM node:22-bookworm-slim
ENV NODE_ENV=production PINGTRACE_DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY --from=build /app/node_modules node_modules
COPY --from=build /app/packages packages
COPY --from=build /app/scripts scripts
COPY --from=build /app/collector/package.json collector/
COPY --from=build /app/collector/node_modules collector/node_modules
COPY --from=build /app/collector/dist collector/dist
COPY --from=build /app/api/package.json api/
COPY --from=build /app/api/node_modules api/node_modules
COPY --from=build /app/api/dist api/dist
COPY --from=build /app/web/package.json web/
COPY --from=build /app/web/node_modules web/node_modules
COPY --from=build /app/web/dist web/dist
COPY --from=build /app/web/dist-server web/dist-server
COPY --from=build /app/web/dist-viewer web/dist-viewer

USER node
VOLUME /data
EXPOSE 5173 8081 4317 4318 16686
HEALTHCHECK --interval=5s --timeout=5s --start-period=30s \
  CMD ["node", "--import", "tsx", "scripts/container-health.ts"]
CMD ["node", "--enable-source-maps", "--import", "tsx", "scripts/start-in-container.ts"]
