# The command line in an image of its own: docker build -t dawnpour . && docker run --rm -v "$PWD:/data" dawnpour train
# Runs and data lie in /data. For an NVIDIA GPU: docker run --gpus all -e NVIDIA_DRIVER_CAPABILITIES=compute,graphics,utility ...
FROM node:22-bookworm AS build
WORKDIR /dawnpour
COPY package.json package-lock.json binding.gyp ./
COPY native native
# Scripts only where the core is compiled: what `prepare` needs is not there yet.
RUN npm ci --ignore-scripts && npm run build:native
COPY . .
RUN npm run compile && npm prune --omit=dev --ignore-scripts \
 # Dawn comes for five platforms: this image is for one.
 && find node_modules/webgpu/dist -mindepth 1 -maxdepth 1 ! -name "linux-$(node -p process.arch)" -exec rm -r {} + \
 && mkdir /package && cp -r package.json README.md LICENSE CONTRIBUTING.md docs examples shaders native dist node_modules /package \
 && mkdir -p /package/build && cp -r build/Release /package/build/Release && rm -rf /package/build/Release/obj.target /package/build/Release/*.a

FROM node:22-bookworm-slim
# No versions: Debian keeps one at a time, and a pinned one is gone with the next.
# hadolint ignore=DL3008
RUN apt-get update && apt-get install --yes --no-install-recommends libvulkan1 libxext6 && rm -rf /var/lib/apt/lists/*
COPY --from=build /package /opt/dawnpour
RUN chmod +x /opt/dawnpour/dist/cli/main.js && ln -s /opt/dawnpour/dist/cli/main.js /usr/local/bin/dawnpour && mkdir /data && chown 1000 /data
# `node`, as a number: Kubernetes takes no name for proof that it is not root.
USER 1000
WORKDIR /data
ENTRYPOINT ["dawnpour"]
CMD ["--help"]
