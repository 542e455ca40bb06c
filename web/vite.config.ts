import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'
import { firstLoad } from './build/first-load.ts'
import { packed } from './build/packed.ts'

// The server below which the dashboard runs while it is worked on.
const server = process.env.LATCHKEY_URL ?? 'http://127.0.0.1:8080'

export default defineConfig({
  // Files find each other wherever the server publishes them; the page itself
  // is filled in by the server (internal/dashboard/application.go).
  base: './',
  html: { cspNonce: '__NONCE__' },
  resolve: { alias: { '@': new URL('./src', import.meta.url).pathname } },
  plugins: [react(), packed(), firstLoad({ most: 250_000 })],
  build: {
    outDir: '../internal/dashboard/dist/app',
    emptyOutDir: true,
    target: 'es2022',
    assetsInlineLimit: 0, // the policy allows no data: URLs but for images
    reportCompressedSize: false,
    chunkSizeWarningLimit: 1000,
  },
  server: { proxy: { '/api': { target: server, changeOrigin: false }, '/healthz': server } },
})
