import { startShop } from './shop.ts'

const { OTEL_EXPORTER_OTLP_ENDPOINT = 'http://localhost:4318', PORT = '3000' } = process.env

const shop = await startShop(OTEL_EXPORTER_OTLP_ENDPOINT, Number(PORT))
console.log(`shop: ${shop.url}`)
