# glibc: Temporal's native bridge has no musl build.
FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts
COPY tsconfig.json tsconfig.build.json ./
COPY scripts ./scripts
COPY src ./src
COPY web ./web
RUN node scripts/build.mjs && npm prune --omit=dev --ignore-scripts

FROM node:24-slim
# Two malloc arenas instead of eight a core: 20 MB less per process, and no slower.
ENV NODE_ENV=production HOST=0.0.0.0 DATA_DIR=/data MALLOC_ARENA_MAX=2
# For `render`; the sandbox helper lets it run as an ordinary user (docs/rendering.md). WITH_BROWSER=0 leaves 700 MB out.
ARG WITH_BROWSER=1
RUN if [ "$WITH_BROWSER" = 1 ]; then \
      apt-get update && apt-get install -y --no-install-recommends chromium chromium-sandbox fonts-liberation fonts-noto-cjk \
      && rm -rf /var/lib/apt/lists/*; \
    fi
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=build /app/package.json ./
COPY docs/openapi.json ./docs/
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/dist ./dist
USER node
VOLUME /data
EXPOSE 8080
ENTRYPOINT ["node", "dist/bin/everfetch.js"]
CMD ["api"]
