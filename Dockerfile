# The bot in one image. PyTorch's default build for Linux runs on CPU and on NVIDIA GPUs;
# give --build-arg TORCH_PIP_ARGS="--index-url ..." for a smaller CPU-only build.
FROM python:3.11-slim

ARG TORCH_PIP_ARGS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PYTHONUNBUFFERED=1

RUN apt-get update && apt-get install -y --no-install-recommends fonts-dejavu-core \
    fonts-wqy-microhei \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 tagalong && mkdir /data && chown tagalong /data
WORKDIR /app
RUN pip install ${TORCH_PIP_ARGS} torch==2.14.1 torchvision==0.29.1
COPY pyproject.toml README.md LICENSE ./
COPY bot bot
COPY engine engine
COPY storage storage
ARG EXTRAS=postgres
RUN pip install --editable ".[${EXTRAS}]"
COPY weights weights
COPY deploy deploy

USER tagalong
ENV DATA_DIR=/data
VOLUME /data
EXPOSE 8080
CMD ["python", "-m", "bot"]
