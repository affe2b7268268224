//! HTML over HTTP: pages, fragments, assets, locales.
