# Training on the CPU, also as members of an MPI job: docker build -t visuomotor .
#
#     docker run --rm -v "$PWD:/work" visuomotor train recipe.ts
#     docker run --rm visuomotor doctor
FROM node:24-bookworm-slim AS package
WORKDIR /source
COPY . .
# `npm ci` builds dist; the tarball holds what an installation holds.
RUN npm ci --no-audit --no-fund && npm pack --ignore-scripts --pack-destination /packed

FROM node:24-bookworm-slim
# Open MPI and ssh: members that mpirun starts on other hosts, by a daemon of the user's own on port 2222, with keys that are mounted
# (examples/cluster/mpijob.yaml). ffmpeg: videos of data sets.
# hadolint ignore=DL3008
RUN apt-get update \
  && apt-get install --yes --no-install-recommends ffmpeg openmpi-bin openssh-client openssh-server \
  && rm -rf /var/lib/apt/lists/* \
  && mkdir -p /run/sshd \
  && printf 'Host *\n  Port 2222\n  StrictHostKeyChecking no\n  UserKnownHostsFile /dev/null\n  LogLevel ERROR\n' \
    > /etc/ssh/ssh_config.d/members.conf \
  && printf 'Port 2222\nPidFile /home/node/sshd.pid\nHostKey /home/node/.ssh/id_rsa\nStrictModes no\n' \
    > /home/node/.sshd_config
ENV ONNXRUNTIME_NODE_INSTALL=skip
COPY --from=package /packed /packed
RUN npm install --global --no-audit --no-fund /packed/visuomotor-*.tgz && rm -rf /packed "$(npm config get cache)"
# A recipe of one's own in /work finds the package there.
RUN mkdir -p /work /node_modules && ln -s "$(npm root --global)/visuomotor" /node_modules/visuomotor && chown node:node /work
USER 1000:1000
WORKDIR /work
ENTRYPOINT ["visuomotor"]
CMD ["--help"]
