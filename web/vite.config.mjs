import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

const service = process.env.EVERFETCH_URL ?? 'http://127.0.0.1:8080';
const apiPaths = ['account', 'batches', 'healthz', 'hosts', 'jobs', 'keys', 'openapi.json', 'overview', 'webhooks'];

/** The dashboard. `npm run build` makes it; `npx vite web` serves it while it is worked on, beside a service that runs. */
export default defineConfig({
  root: fileURLToPath(new URL('.', import.meta.url)),
  // The service sends what lies in /dashboard as immutable, so every name there has a hash.
  base: '/',
  oxc: { jsx: { runtime: 'automatic', importSource: 'preact' } },
  build: {
    outDir: fileURLToPath(new URL('../dist/public', import.meta.url)),
    emptyOutDir: true,
    assetsDir: 'dashboard',
    // The content security policy allows neither inline scripts nor inline styles.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: ['chrome111', 'firefox119', 'safari16.4'],
  },
  server: { proxy: Object.fromEntries(apiPaths.map((path) => [`/${path}`, { target: service }])) },
});
